using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging;

namespace SketchFlow.Tests.Imaging;

/// <summary>An image as a value that FsCheck can print.</summary>
public sealed record RawImage(int Width, int Height, int Channels, byte[] Bytes)
{
    public Pixels ToPixels() => Pixels.From(new Sample(7, "generated", "generated", null), Width, Height, Channels, Bytes);

    /// <summary>Returns the same grey image in three equal channels.</summary>
    public RawImage Tripled() => new(Width, Height, 3, [.. Bytes.SelectMany(b => new[] { b, b, b })]);

    public RawImage Inverted() => this with { Bytes = [.. Bytes.Select(b => (byte)(255 - b))] };

    public override string ToString() => $"{Width}x{Height}x{Channels} {Convert.ToHexString(Bytes.AsSpan(0, Math.Min(24, Bytes.Length)))}";

    internal PixelSpan ToSpan() => new(Bytes, Width, Height, Channels);
}
