using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;

namespace SketchFlow.Tests.Imaging;

/// <summary>Generated images: any size from one pixel, grey and colour.</summary>
internal static class TestImages
{
    public static Arbitrary<RawImage> Any() => Some(Gen.Elements(1, 3));

    public static Arbitrary<RawImage> Grey() => Some(Gen.Constant(1));

    public static Config Runs(int count) => Config.QuickThrowOnFailure.WithMaxTest(count);

    public static RawImage RandomImage(int width, int height, int channels, int seed)
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

    private static Arbitrary<RawImage> Some(Gen<int> channels) =>
        (from width in Gen.Frequency((1, Gen.Constant(1)), (6, Gen.Choose(1, 70)))
         from height in Gen.Frequency((1, Gen.Constant(1)), (6, Gen.Choose(1, 70)))
         from c in channels
         from seed in Gen.Choose(0, 100_000)
         select RandomImage(width, height, c, seed)).ToArbitrary();

    public static Arbitrary<RawImage> Shapes() =>
        (from width in Gen.Choose(1, 30)
         from height in Gen.Choose(1, 30)
         from density in Gen.Choose(1, 9)
         from seed in Gen.Choose(0, 100_000)
         let random = new Random(seed)
         select new RawImage(width, height, 1, [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.Next(10) < density ? 1 : 0))])).ToArbitrary();

    public static Arbitrary<(double Clip, int X, int Y)> Tilings() =>
        (from clip in Gen.Elements(0, 1, 1.7, 4, 40)
         from x in Gen.Choose(1, 9)
         from y in Gen.Choose(1, 9)
         select (clip, x, y)).ToArbitrary();

    public static byte[] BytesOf(Mat mat)
    {
        var bytes = new byte[mat.Rows * mat.Cols * mat.Channels()];
        Marshal.Copy(mat.Data, bytes, 0, bytes.Length);
        return bytes;
    }
}
