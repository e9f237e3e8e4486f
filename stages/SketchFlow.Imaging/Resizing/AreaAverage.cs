using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SketchFlow.Imaging.Resizing;

/// <summary>Shrinks by area averages of any factor in double precision and without tables, for images that are extremely long.</summary>
internal static class AreaAverage
{
    /// <summary>Averages a part of the image; every input pixel under it is read once.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Buffer that starts at the output's first pixel.</param>
    /// <param name="stride">Distance between the output's rows, bytes.</param>
    /// <param name="window">Part that is computed, and the whole output's size, at most the source's.</param>
    public static void Shrink(PixelSpan source, Span<byte> target, int stride, ResizeWindow window)
    {
        var (across, down) = (source.Width / (double)window.FullWidth, source.Height / (double)window.FullHeight);
        Span<double> sums = stackalloc double[3];
        for (var y = 0; y < window.Height; y++)
        {
            var rows = Cover(window.Top + y, down, source.Height);
            for (var x = 0; x < window.Width; x++)
            {
                var columns = Cover(window.Left + x, across, source.Width);
                sums.Clear();
                for (var row = rows.First; row < rows.End; row++)
                {
                    AddRow(source.Row(row), source.Channels, columns, rows.Share(row), sums);
                }

                for (var c = 0; c < source.Channels; c++)
                {
                    target[(y * stride) + (x * source.Channels) + c] = (byte)Math.Round(sums[c] / (rows.Length * columns.Length));
                }
            }
        }
    }

    private static Covered Cover(long output, double scale, int length)
    {
        var (low, high) = (output * scale, Math.Min((output + 1) * scale, length));
        var first = Math.Min((int)Math.Floor(low + 1e-3), length - 1);
        return new(first, Math.Max(first + 1, Math.Min(length, (int)Math.Ceiling(high - 1e-3))), low, high);
    }

    private static void AddRow(ReadOnlySpan<byte> row, int channels, Covered columns, double weight, Span<double> sums)
    {
        var (first, last) = (columns.First, columns.End - 1);
        for (var c = 0; c < channels; c++)
        {
            var sum = row[(first * channels) + c] * columns.Share(first);
            if (last > first)
            {
                sum += row[(last * channels) + c] * columns.Share(last);
                var whole = 0L;
                ref var start = ref MemoryMarshal.GetReference(row);
                for (nint at = ((first + 1) * channels) + c, end = last * channels; at < end; at += channels)
                {
                    whole += Unsafe.Add(ref start, at);
                }

                sum += whole;
            }

            sums[c] += sum * weight;
        }
    }

    /// <summary>The input pixels under one output pixel of an axis.</summary>
    private readonly record struct Covered(int First, int End, double Low, double High)
    {
        public double Length => End - First == 1 ? Share(First) : High - Low;

        // A single pixel counts as a whole one, however little of it is covered.
        public double Share(int at) => End - First == 1 ? 1 : Math.Min(at + 1, High) - Math.Max(at, Low);
    }
}
