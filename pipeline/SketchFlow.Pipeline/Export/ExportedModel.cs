using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;

namespace SketchFlow.Pipeline.Export;

/// <summary>A model written by an export.</summary>
/// <param name="File">The ONNX file.</param>
/// <param name="CertificateFile">The certificate next to it.</param>
/// <param name="Bytes">Size of the file in bytes.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Architecture">The exported architecture.</param>
/// <param name="Preparation">Size and treatment of the aspect ratio of the images; they must be resized before the model gets them.</param>
public sealed record ExportedModel(
    string File, string CertificateFile, long Bytes, ParityCertificate Certificate, Architecture Architecture, PadResizeOptions Preparation);
