using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Inference;

/// <summary>A decoded image in every size that the networks need, or the reason why there is none.</summary>
internal sealed class PreparedImage : IDisposable
{
    // The graph of a model that resizes has matrices with a row or column for each pixel of a side.
    private const int LongestWhole = 1 << 16;

    private PreparedImage(ImageInput input, string? error, Pixels[] sizes) => (Input, Error, Sizes) = (input, error, sizes);

    /// <summary>Takes pixels that have the sizes of the networks.</summary>
    public static PreparedImage Of(Pixels[] sizes) => new(new ImageInput(""), null, sizes);

    /// <summary>The image as given.</summary>
    public ImageInput Input { get; }

    /// <summary>The reason of a rejection; null for an image.</summary>
    public string? Error { get; }

    /// <summary>The pixels by size, or the decoded pixels alone; empty for a rejection.</summary>
    public Pixels[] Sizes { get; }

    /// <summary>Whether the image was not resized.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>Decodes an image once and resizes it to every size; without a size it stays as it is, for a model that resizes.</summary>
    public static PreparedImage Create(DecodeOptions decode, IReadOnlyList<PadResizeOptions> sizes, ImageInput input)
    {
        var sample = new Sample(0, input.Name, input.File, null) { Fault = input.Fault };
        return Resize(input, sizes, input.Bytes is { } bytes ? ImageDecoder.Read(decode, sample, bytes.Span) : ImageDecoder.Read(decode, sample));
    }

    /// <summary>Decodes an image of a data set once and resizes it to every size.</summary>
    public static PreparedImage Create(DecodeOptions decode, IReadOnlyList<PadResizeOptions> sizes, Sample sample) =>
        Resize(new ImageInput(sample.File), sizes, ImageDecoder.Read(decode, sample));

    /// <summary>Resizes decoded pixels, which it owns from then on, to every size.</summary>
    public static PreparedImage FromPixels(IReadOnlyList<PadResizeOptions> sizes, Pixels pixels) =>
        Resize(new ImageInput(pixels.Sample.File), sizes, pixels);

    private static PreparedImage Resize(ImageInput input, IReadOnlyList<PadResizeOptions> sizes, Outcome<Pixels> decoded)
    {
        if (decoded.Rejection is { } rejection)
        {
            return new PreparedImage(input, rejection.Reason, []);
        }

        if (sizes.Count == 0)
        {
            return Whole(input, decoded.Value);
        }

        using var pixels = decoded.Value;
        return new PreparedImage(input, null, [.. sizes.Select(size => PadResize.Run(size, pixels))]);
    }

    private static PreparedImage Whole(ImageInput input, Pixels pixels)
    {
        if (Math.Max(pixels.Width, pixels.Height) <= LongestWhole)
        {
            return new PreparedImage(input, null, [pixels]) { IsWhole = true };
        }

        using (pixels)
        {
            return new PreparedImage(
                input, $"{pixels.Width} × {pixels.Height} pixels; a model that resizes images itself takes sides up to {LongestWhole} pixels", []);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(Sizes, s => s.Dispose());
}
