using System.Collections.Immutable;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Export;

/// <summary>A model written by an export.</summary>
/// <param name="File">The ONNX file.</param>
/// <param name="CertificateFile">The certificate next to it.</param>
/// <param name="Bytes">Size of the file in bytes, with its external data.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Preparations">Sizes and treatments of the aspect ratio of the images, one for each input; images must be resized before.</param>
/// <param name="KeptFiles">Files with the names of the scripts that were not replaced, because they are not from SketchFlow.</param>
internal sealed record ExportedModel(
    string File,
    string CertificateFile,
    long Bytes,
    ParityCertificate Certificate,
    ImmutableArray<PadResizeOptions> Preparations,
    IReadOnlyList<string> KeptFiles);
