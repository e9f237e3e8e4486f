using System.Buffers;
using System.Numerics;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Minimum and maximum over a rectangle of neighbours, first down the columns, then along the rows: what cv::erode and cv::dilate give.</summary>
/// <remarks>In place of OpenCV's for the small kernels of augmentation, where its set-up costs several times the work.</remarks>
internal static class RankFilter
{
    /// <summary>Largest side that is done here; beyond it the work grows with the side, and OpenCV's is better.</summary>
    public const int LargestSide = 7;

    /// <summary>Takes the extreme of each neighbourhood.</summary>
    /// <param name="source">Rows without padding.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 or 3, each for itself.</param>
    /// <param name="target">Receives the output, of the source's size.</param>
    /// <param name="kernel">Columns and rows of the rectangle.</param>
    /// <param name="anchor">The rectangle's pixel that lies on the output's.</param>
    /// <param name="darkest">Minimum, with white outside; else maximum, with black outside.</param>
    public static void Extreme(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> target, ImageSize kernel, ImageSize anchor, bool darkest)
    {
        var row = width * channels;
        var before = anchor.Width * channels;
        var line = ArrayPool<byte>.Shared.Rent(row + (kernel.Width * channels));
        try
        {
            var outside = darkest ? byte.MaxValue : byte.MinValue;
            var all = line.AsSpan(0, row + (kernel.Width * channels));
            all.Fill(outside);
            var middle = all.Slice(before, row);
            for (var y = 0; y < height; y++)
            {
                var (top, bottom) = (Math.Max(y - anchor.Height, 0), Math.Min(y - anchor.Height + kernel.Height, height));
                source.Slice(top * row, row).CopyTo(middle);
                for (var other = top + 1; other < bottom; other++)
                {
                    Fold(source.Slice(other * row, row), middle, darkest);
                }

                var output = target.Slice(y * row, row);
                all[..row].CopyTo(output);
                for (var column = 1; column < kernel.Width; column++)
                {
                    Fold(all.Slice(column * channels, row), output, darkest);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(line);
        }
    }

    private static void Fold(ReadOnlySpan<byte> from, Span<byte> into, bool darkest)
    {
        var i = 0;
        for (; i + Vector<byte>.Count <= into.Length; i += Vector<byte>.Count)
        {
            var (a, b) = (new Vector<byte>(from[i..]), new Vector<byte>(into[i..]));
            (darkest ? Vector.Min(a, b) : Vector.Max(a, b)).CopyTo(into[i..]);
        }

        for (; i < into.Length; i++)
        {
            into[i] = darkest ? Math.Min(from[i], into[i]) : Math.Max(from[i], into[i]);
        }
    }
}
