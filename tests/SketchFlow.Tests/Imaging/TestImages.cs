using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Samples;

namespace SketchFlow.Tests.Imaging;

/// <summary>An image as a value that FsCheck can print.</summary>
public sealed record Picture(int Width, int Height, int Channels, byte[] Bytes)
{
    public Pixels ToPixels() => Pixels.From(new Sample(7, "generated", "generated", null), Width, Height, Channels, Bytes);

    public Picture Tripled() => new(Width, Height, 3, [.. Bytes.SelectMany(b => new[] { b, b, b })]);

    public Picture Inverted() => this with { Bytes = [.. Bytes.Select(b => (byte)(255 - b))] };

    public override string ToString() => $"{Width}x{Height}x{Channels} {Convert.ToHexString(Bytes.AsSpan(0, Math.Min(24, Bytes.Length)))}";
}

/// <summary>Generated images: any size from one pixel, grey and colour.</summary>
internal static class TestImages
{
    public static Arbitrary<Picture> Any() => Some(Gen.Elements(1, 3));

    public static Arbitrary<Picture> Grey() => Some(Gen.Constant(1));

    public static Config Runs(int count) => Config.QuickThrowOnFailure.WithMaxTest(count);

    public static Picture Of(int width, int height, int channels, int seed)
    {
        var bytes = new byte[width * height * channels];
        new Random(seed).NextBytes(bytes);
        return new(width, height, channels, bytes);
    }

    /// <summary>A few dark lines on white, grey.</summary>
    public static Pixels Drawing(int width, int height)
    {
        var pixels = Pixels.Rent(new Sample(7, "drawing", "drawing", null), width, height, 1);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                pixels.Bytes[(y * width) + x] = (x * height / width == y || x == width / 3 || y == height / 4) ? (byte)30 : (byte)(250 - (x % 20));
            }
        }

        return pixels;
    }

    private static Arbitrary<Picture> Some(Gen<int> channels) =>
        (from width in Gen.Frequency((1, Gen.Constant(1)), (6, Gen.Choose(1, 70)))
         from height in Gen.Frequency((1, Gen.Constant(1)), (6, Gen.Choose(1, 70)))
         from c in channels
         from seed in Gen.Choose(0, 100_000)
         select Of(width, height, c, seed)).ToArbitrary();
}
