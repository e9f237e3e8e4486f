using System.Collections.Immutable;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Export;

/// <summary>A model written by an export.</summary>
/// <param name="File">The ONNX file.</param>
/// <param name="CertificateFile">The certificate next to it.</param>
/// <param name="Bytes">Size of the file in bytes, with its external data.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Plan">The exported networks.</param>
/// <param name="Preparations">Sizes and treatments of the aspect ratio of the images, one for each input; images must be resized before.</param>
internal sealed record ExportedModel(
    string File, string CertificateFile, long Bytes, ParityCertificate Certificate, ClassifierPlan Plan, ImmutableArray<PadResizeOptions> Preparations);
