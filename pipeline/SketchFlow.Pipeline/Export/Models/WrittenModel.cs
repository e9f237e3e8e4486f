using System.Collections.Immutable;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>A model in a temporary folder, with what is needed to compare it with the trained one.</summary>
/// <param name="File">The ONNX file.</param>
/// <param name="Float32File">The same model in float32: the same file, unless the other one computes in 8 bits.</param>
/// <param name="Decode">Settings of the decoder.</param>
/// <param name="Sizes">Sizes and treatments of the aspect ratio of the images, one for each input.</param>
/// <param name="Drawings">The images of the certificate.</param>
/// <param name="Inputs">The same images as the exported model takes them.</param>
/// <param name="Expected">Logits of the trained model for each batch of them.</param>
internal sealed record WrittenModel(
    string File,
    string Float32File,
    DecodeOptions Decode,
    ImmutableArray<PadResizeOptions> Sizes,
    CertificateImages Drawings,
    CertificateImages Inputs,
    ImmutableArray<float[]> Expected)
    : IDisposable
{
    /// <summary>Sizes in which the exported model takes images; none if it resizes them itself.</summary>
    public ImmutableArray<PadResizeOptions> InputSizes => Drawings == Inputs ? Sizes : [];

    /// <inheritdoc/>
    public void Dispose()
    {
        Drawings.Dispose();
        Inputs.Dispose();
    }
}
