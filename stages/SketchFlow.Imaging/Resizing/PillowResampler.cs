using System.Buffers;

namespace SketchFlow.Imaging.Resizing;

/// <summary>Resizes with Pillow's filters, which widen where the image shrinks (antialiasing), in Pillow's arithmetic.</summary>
/// <remarks>
/// Follows Pillow 11 <c>src/libImaging/Resample.c</c>: weights in double precision, normalised, rounded to 22 fraction bits; first along the rows,
/// then along the columns, each rounded to 8 bits. The bytes are those of <c>Image.resize</c> for modes L and RGB.
/// </remarks>
internal static class PillowResampler
{
    private const int Bits = 32 - 8 - 2;

    /// <summary>Resizes into rows of a larger buffer; only the input under the window is read.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Buffer that starts at the window's first pixel.</param>
    /// <param name="stride">Distance between the output's rows, bytes.</param>
    /// <param name="window">Part of the output that is computed, and the whole output's size.</param>
    /// <param name="filter">Bilinear, bicubic or Lanczos.</param>
    public static void Run(PixelSpan source, Span<byte> target, int stride, ResizeWindow window, Interpolation filter)
    {
        var (channels, row) = (source.Channels, window.Width * source.Channels);
        var (down, columns) = (window.FullHeight != source.Height, window.FullWidth != source.Width);
        var vertical = down ? Weights(source.Height, window.FullHeight, window.Top, window.Height, filter) : default;
        var top = down ? vertical.First[0] : (int)window.Top;
        var bottom = down ? Math.Min(source.Height, vertical.First[^1] + vertical.Taps) : top + window.Height;
        var between = ArrayPool<byte>.Shared.Rent(row * (bottom - top));
        try
        {
            var horizontal = columns ? Weights(source.Width, window.FullWidth, window.Left, window.Width, filter) : default;
            for (var y = top; y < bottom; y++)
            {
                var line = between.AsSpan((y - top) * row, row);
                if (columns)
                {
                    Along(source.Row(y), line, channels, horizontal.Taps, horizontal.Weights, horizontal.First);
                }
                else
                {
                    source.Row(y).Slice((int)window.Left * channels, row).CopyTo(line);
                }
            }

            if (down)
            {
                Down(between, row, target, stride, vertical, top);
                return;
            }

            for (var y = 0; y < window.Height; y++)
            {
                between.AsSpan(y * row, row).CopyTo(target[(y * stride)..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    private static void Along(ReadOnlySpan<byte> source, Span<byte> target, int channels, int taps, int[] weights, int[] first)
    {
        for (var x = 0; x < first.Length; x++)
        {
            var own = weights.AsSpan(x * taps, taps);
            for (var c = 0; c < channels; c++)
            {
                var sum = 1 << (Bits - 1);
                for (int i = 0, at = (first[x] * channels) + c; i < own.Length && at < source.Length; i++, at += channels)
                {
                    sum += source[at] * own[i];
                }

                target[(x * channels) + c] = (byte)Math.Clamp(sum >> Bits, 0, 255);
            }
        }
    }

    private static void Down(ReadOnlySpan<byte> source, int row, Span<byte> target, int stride, (int Taps, int[] Weights, int[] First) kernel, int top)
    {
        var sums = ArrayPool<int>.Shared.Rent(row);
        try
        {
            for (var y = 0; y < kernel.First.Length; y++)
            {
                var sum = sums.AsSpan(0, row);
                sum.Fill(1 << (Bits - 1));
                for (var i = 0; i < kernel.Taps; i++)
                {
                    var weight = kernel.Weights[(y * kernel.Taps) + i];
                    if (weight == 0)
                    {
                        continue;
                    }

                    var line = source.Slice((kernel.First[y] + i - top) * row, row);
                    for (var x = 0; x < line.Length; x++)
                    {
                        sum[x] += line[x] * weight;
                    }
                }

                var output = target.Slice(y * stride, row);
                for (var x = 0; x < output.Length; x++)
                {
                    output[x] = (byte)Math.Clamp(sum[x] >> Bits, 0, 255);
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(sums);
        }
    }

    // Pillow's precompute_coeffs and normalize_coeffs_8bpc.
    private static (int Taps, int[] Weights, int[] First) Weights(int length, long full, long left, int count, Interpolation filter)
    {
        var scale = (double)length / full;
        var widened = Math.Max(scale, 1);
        var support = SupportOf(filter) * widened;
        var taps = ((int)Math.Ceiling(support) * 2) + 1;
        var (weights, first, exact) = (new int[count * taps], new int[count], new double[taps]);
        for (var x = 0; x < count; x++)
        {
            var centre = (left + x + 0.5) * scale;
            var start = Math.Max((int)(centre - support + 0.5), 0);
            var used = Math.Min((int)(centre + support + 0.5), length) - start;
            var total = 0.0;
            for (var i = 0; i < used; i++)
            {
                total += exact[i] = Filter(filter, (i + start - centre + 0.5) * (1 / widened));
            }

            for (var i = 0; i < used; i++)
            {
                var share = total == 0 ? exact[i] : exact[i] / total;
                weights[(x * taps) + i] = (int)((share < 0 ? -0.5 : 0.5) + (share * (1 << Bits)));
            }

            first[x] = start;
        }

        return (taps, weights, first);
    }

    private static double SupportOf(Interpolation filter) => filter switch
    {
        Interpolation.Bilinear => 1,
        Interpolation.Bicubic => 2,
        Interpolation.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "expected bilinear, bicubic or lanczos"),
    };

    private static double Filter(Interpolation filter, double x)
    {
        var distance = Math.Abs(x);
        return filter switch
        {
            Interpolation.Bilinear => Math.Max(0, 1 - distance),
            Interpolation.Bicubic => distance < 1 ? (((1.5 * distance) - 2.5) * distance * distance) + 1
                : distance < 2 ? ((((distance - 5) * distance) + 8) * distance - 4) * -0.5
                : 0,
            _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };

        static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
    }
}
