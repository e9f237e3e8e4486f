using System.Buffers;
using System.Runtime.Intrinsics.X86;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Warps 8-bit pixels by an affine map with bilinear interpolation in fixed point: positions to 1/65536, weights to 1/2048 of a pixel.</summary>
/// <remarks>
/// Replaces cv::warpAffine, which takes three times as long for a sketch of 224 pixels. The source gets a frame of the fill level that represents
/// everything outside, so the inner loop needs no bounds checks; columns that see only the outside are filled directly. The scalar and the
/// vectorised loop give the same bytes, and grey gives the bytes of three equal channels.
/// </remarks>
internal static class BilinearWarp
{
    // Positions are 16.16 in 32 bits.
    private const int LargestSide = 16_000;

    /// <summary>Whether positions of this map in an image of this size fit the fixed point.</summary>
    /// <param name="width">Number of columns of the source.</param>
    /// <param name="height">Number of rows of the source.</param>
    /// <param name="inverse">The map from the output to the source.</param>
    public static bool CanRepresent(int width, int height, AffineMap inverse) =>
        width <= LargestSide && height <= LargestSide
        && IsSmall(inverse.Xx) && IsSmall(inverse.Xy) && IsSmall(inverse.Yx) && IsSmall(inverse.Yy) && double.IsFinite(inverse.X0 + inverse.Y0);

    /// <summary>Fills <paramref name="target"/> with the warped source.</summary>
    /// <param name="source">Input pixels, 1 or 3 channels.</param>
    /// <param name="target">Output of <paramref name="size"/>.</param>
    /// <param name="size">Size of the output.</param>
    /// <param name="inverse">The map from the output to the source.</param>
    /// <param name="fill">Level of the pixels outside of the source.</param>
    /// <param name="vectorised">False takes the scalar loop, for tests.</param>
    public static void Run(PixelSpan source, Span<byte> target, ImageSize size, AffineMap inverse, byte fill, bool vectorised = true)
    {
        // One pixel of frame before, two after, and room for the four bytes that are read for one.
        var channels = source.Channels;
        var stride = (source.Width + 3) * channels;
        var framed = ArrayPool<byte>.Shared.Rent((stride * (source.Height + 3)) + 8);
        try
        {
            AddFrame(source, framed, stride, fill);
            var sampler = new ScanlineSampler(inverse, source.Width, source.Height, channels);
            for (var y = 0; y < size.Height; y++)
            {
                var row = target.Slice(y * size.Width * channels, size.Width * channels);
                var (from, to) = sampler.Inside(y, size.Width);
                row[..(from * channels)].Fill(fill);
                row[(to * channels)..].Fill(fill);
                if (from >= to)
                {
                    continue;
                }

                var done = from;
                if (vectorised && Avx2.IsSupported)
                {
                    done = channels == 1 ? sampler.SampleGrey(framed, row, y, from, to) : sampler.SampleColour(framed, row, y, from, to);
                }

                sampler.SampleScalar(framed, row, y, from, done, to);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }

    private static bool IsSmall(double step) => Math.Abs(step) <= 1000;

    private static void AddFrame(PixelSpan source, Span<byte> framed, int stride, byte fill)
    {
        var channels = source.Channels;
        framed[..stride].Fill(fill);
        framed.Slice(stride * (source.Height + 1), (2 * stride) + 8).Fill(fill);
        for (var y = 0; y < source.Height; y++)
        {
            var row = framed.Slice(stride * (y + 1), stride);
            row[..channels].Fill(fill);
            source.Row(y).CopyTo(row[channels..]);
            row[((source.Width + 1) * channels)..].Fill(fill);
        }
    }
}
