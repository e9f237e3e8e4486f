using System.Buffers;
using System.Numerics;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Minimum and maximum over a rectangle of neighbours, first along the columns, then along the rows: the bytes of cv::erode and cv::dilate.</summary>
/// <remarks>Replaces OpenCV's functions for the small kernels of augmentation, where their set-up costs several times the work.</remarks>
internal static class RankFilter
{
    /// <summary>Largest side of the rectangle; beyond it the work grows with the side, and OpenCV is faster.</summary>
    public const int LargestSide = 7;

    /// <summary>Takes the minimum or maximum of each neighbourhood, each channel separately.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Output of the source's size.</param>
    /// <param name="kernel">Columns and rows of the rectangle.</param>
    /// <param name="anchor">Position in the rectangle of the output's pixel.</param>
    /// <param name="darkest">True for the minimum, with white outside; false for the maximum, with black outside.</param>
    public static void Extreme(PixelSpan source, Span<byte> target, ImageSize kernel, (int X, int Y) anchor, bool darkest)
    {
        var (row, channels) = (source.RowLength, source.Channels);
        var before = anchor.X * channels;
        var line = ArrayPool<byte>.Shared.Rent(row + (kernel.Width * channels));
        try
        {
            var outside = darkest ? byte.MaxValue : byte.MinValue;
            var all = line.AsSpan(0, row + (kernel.Width * channels));
            all.Fill(outside);
            var middle = all.Slice(before, row);
            for (var y = 0; y < source.Height; y++)
            {
                var (top, bottom) = (Math.Max(y - anchor.Y, 0), Math.Min(y - anchor.Y + kernel.Height, source.Height));
                source.Row(top).CopyTo(middle);
                for (var other = top + 1; other < bottom; other++)
                {
                    Fold(source.Row(other), middle, darkest);
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
