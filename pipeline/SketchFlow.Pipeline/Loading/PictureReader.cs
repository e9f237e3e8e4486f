using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Decodes images for pages, by the rules that hold for training and prediction: orientation, transparency, limits of size.</summary>
internal static class PictureReader
{
    // JPEGs are decoded at the smallest scale that keeps twice the side, so that thin strokes stay.
    private const int Oversampling = 2;

    /// <summary>Decodes an image that is shown in a square.</summary>
    /// <param name="sample">The image.</param>
    /// <param name="side">Side of the square in pixels.</param>
    /// <returns>Pixels, larger than the square where the image is, which the caller owns; null if the image is rejected.</returns>
    public static Pixels? Read(Sample sample, int side)
    {
        var options = new DecodeOptions { ReducedDecoding = true, TargetSide = Oversampling * side, RememberGrey = false };
        return ImageDecoder.Read(options, sample) is { IsValue: true, Value: var pixels } ? pixels : null;
    }
}
