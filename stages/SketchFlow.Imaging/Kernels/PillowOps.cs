using System.Numerics;
using System.Runtime.InteropServices;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Kernels;

/// <summary>
/// The operations of torchvision's AutoAugment family in Pillow's arithmetic: Pillow's rounding, nearest-neighbour sampling and integer luma.
/// </summary>
/// <remarks>Follows torchvision 0.21 <c>transforms/autoaugment.py</c> (<c>_apply_op</c>) and Pillow's ImageOps, ImageEnhance and Geometry.c.</remarks>
public static class PillowOps
{
    /// <summary>Shears along x; the magnitude is the tangent of the angle.</summary>
    public static Pixels ShearX(Pixels input, double magnitude, byte fill = 255) => Nearest(input, [1, magnitude, 0, 0, 1, 0], fill);

    /// <summary>Shears along y; the magnitude is the tangent of the angle.</summary>
    public static Pixels ShearY(Pixels input, double magnitude, byte fill = 255) => Nearest(input, [1, 0, 0, magnitude, 1, 0], fill);

    /// <summary>Shifts right by whole pixels.</summary>
    public static Pixels TranslateX(Pixels input, double magnitude, byte fill = 255) => Nearest(input, [1, 0, -Math.Truncate(magnitude), 0, 1, 0], fill);

    /// <summary>Shifts down by whole pixels.</summary>
    public static Pixels TranslateY(Pixels input, double magnitude, byte fill = 255) => Nearest(input, [1, 0, 0, 0, 1, -Math.Truncate(magnitude)], fill);

    /// <summary>Rotates counter-clockwise about the centre by degrees.</summary>
    public static Pixels Rotate(Pixels input, double magnitude, byte fill = 255)
    {
        var (sin, cos) = Math.SinCos(-magnitude * Math.PI / 180);
        (sin, cos) = (Math.Round(sin, 15), Math.Round(cos, 15));
        var (cx, cy) = (input.Width / 2.0, input.Height / 2.0);
        return Nearest(input, [cos, sin, (cos * -cx) + (sin * -cy) + cx, -sin, cos, (-sin * -cx) + (cos * -cy) + cy], fill);
    }

    /// <summary>Extrapolates from black: levels are multiplied by 1 + magnitude.</summary>
    public static Pixels Brightness(Pixels input, double magnitude) => LookupTables.Apply(input, BlendTable(0, 1 + magnitude));

    /// <summary>Extrapolates each colour from the grey with its luma by the factor 1 + magnitude.</summary>
    public static Pixels Color(Pixels input, double magnitude)
    {
        var output = input.Clone();
        if (input.Channels == 3)
        {
            var bytes = output.Bytes;
            for (var i = 0; i < bytes.Length; i += 3)
            {
                var luma = Luma(bytes, i);
                for (var c = i; c < i + 3; c++)
                {
                    bytes[c] = Blend(luma, bytes[c], 1 + magnitude);
                }
            }
        }

        return output;
    }

    /// <summary>Extrapolates each level from the mean luma by the factor 1 + magnitude.</summary>
    public static Pixels Contrast(Pixels input, double magnitude)
    {
        var sum = 0L;
        var bytes = input.Bytes;
        for (var i = 0; i < bytes.Length; i += input.Channels)
        {
            sum += input.Channels == 1 ? bytes[i] : Luma(bytes, i);
        }

        return LookupTables.Apply(input, BlendTable((int)(((double)sum / (input.Width * input.Height)) + 0.5), 1 + magnitude));
    }

    /// <summary>Extrapolates from a smoothed copy (3 × 3, centre weight 5 of 13; the border keeps its levels) by the factor 1 + magnitude.</summary>
    public static Pixels Sharpness(Pixels input, double magnitude)
    {
        var output = input.Clone();
        var (c, row) = (input.Channels, input.Width * input.Channels);
        for (var y = 1; y < input.Height - 1 && input.Width > 2; y++)
        {
            Sharpen(input.Bytes.Slice((y - 1) * row, 3 * row), output.Bytes.Slice((y * row) + c, row - (2 * c)), c, (float)(1 + magnitude));
        }

        return output;
    }

    // Computes one row of the output, without its first and last pixel, from the input rows above, at and below it.
    private static void Sharpen(ReadOnlySpan<byte> rows, Span<byte> target, int channels, float factor)
    {
        var row = rows.Length / 3;
        ReadOnlySpan<int> around =
        [
            0, channels, 2 * channels, row, row + (2 * channels), 2 * row, (2 * row) + channels, (2 * row) + (2 * channels),
        ];
        var middle = row + channels;
        var i = 0;
        ref var first = ref MemoryMarshal.GetReference(rows);
        for (; i + Vector<byte>.Count <= target.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref first, (nuint)(middle + i)), out var low, out var high);
            var (left, right) = (low * 5, high * 5);
            foreach (var other in around)
            {
                Vector.Widen(Vector.LoadUnsafe(ref first, (nuint)(other + i)), out var more, out var most);
                left += more;
                right += most;
            }

            Vector.Narrow(Sharpen(left, low, factor), Sharpen(right, high, factor)).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            var sum = 5 * rows[middle + i];
            foreach (var other in around)
            {
                sum += rows[other + i];
            }

            target[i] = Blend((int)((sum / 13.0) + 0.5), rows[middle + i], factor);
        }
    }

    private static Vector<ushort> Sharpen(Vector<ushort> sums, Vector<ushort> levels, float factor)
    {
        Vector.Widen(sums, out var leftSums, out var rightSums);
        Vector.Widen(levels, out var left, out var right);
        return Vector.Narrow(Sharpen(leftSums, left, factor), Sharpen(rightSums, right, factor));
    }

    // A thirteenth of an integer is never close to a half, so single precision rounds as double precision does.
    private static Vector<uint> Sharpen(Vector<uint> sums, Vector<uint> levels, float factor)
    {
        var mean = Vector.ConvertToSingle(Vector.AsVectorInt32(sums)) * (1F / 13);
        var smooth = Vector.ConvertToSingle(Vector.ConvertToInt32(mean + new Vector<float>(0.5F)));
        var sharp = smooth + ((Vector.ConvertToSingle(Vector.AsVectorInt32(levels)) - smooth) * factor);
        return Vector.AsVectorUInt32(Vector.ConvertToInt32(Vector.Min(Vector.Max(sharp, Vector<float>.Zero), new Vector<float>(255))));
    }

    /// <summary>Stretches each channel's levels to 0-255.</summary>
    public static Pixels AutoContrast(Pixels input) => ByChannel(input, histogram =>
    {
        var (low, high) = (Array.FindIndex(histogram, n => n > 0), Array.FindLastIndex(histogram, n => n > 0));
        if (high <= low)
        {
            return null;
        }

        var scale = 255.0 / (high - low);
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp((int)((i * scale) - (low * scale)), 0, 255);
        }

        return table;
    });

    /// <summary>Equalises each channel's histogram with Pillow's integer steps.</summary>
    public static Pixels Equalize(Pixels input) => ByChannel(input, histogram =>
    {
        var last = Array.FindLastIndex(histogram, n => n > 0);
        var step = (histogram.Sum() - histogram[last]) / 255;
        if (step == 0)
        {
            return null;
        }

        var (table, n) = (new byte[256], step / 2);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Min(n / step, 255);
            n += histogram[i];
        }

        return table;
    });

    private static Pixels ByChannel(Pixels input, Func<int[], byte[]?> tableFor)
    {
        var output = input.Clone();
        var bytes = output.Bytes;
        for (var c = 0; c < input.Channels; c++)
        {
            if (tableFor(Histogram(bytes, c, input.Channels)) is not { } table)
            {
                continue;
            }

            if (input.Channels == 1)
            {
                LookupTables.Apply(bytes, bytes, table);
                continue;
            }

            for (var i = c; i < bytes.Length; i += input.Channels)
            {
                bytes[i] = table[bytes[i]];
            }
        }

        return output;
    }

    // Four counters per level in turn: paper is a run of one level, and reading a counter right after writing it stalls.
    private static int[] Histogram(ReadOnlySpan<byte> bytes, int first, int step)
    {
        Span<int> counts = stackalloc int[4 * 256];
        counts.Clear();
        for (int i = first, turn = 0; i < bytes.Length; i += step, turn = (turn + 256) & 1023)
        {
            counts[turn + bytes[i]]++;
        }

        var histogram = new int[256];
        for (var level = 0; level < histogram.Length; level++)
        {
            histogram[level] = counts[level] + counts[256 + level] + counts[512 + level] + counts[768 + level];
        }

        return histogram;
    }

    /// <summary>Tabulates the extrapolation of each level from <paramref name="from"/> by <paramref name="factor"/>.</summary>
    internal static byte[] BlendTable(int from, double factor)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = Blend(from, i, factor);
        }

        return table;
    }

    // Blend.c: single precision, truncated.
    private static byte Blend(int from, int to, double factor) => (byte)Math.Clamp(from + ((float)factor * (to - from)), 0F, 255F);

    private static int Luma(ReadOnlySpan<byte> bgr, int i) => ((19595 * bgr[i + 2]) + (38470 * bgr[i + 1]) + (7471 * bgr[i]) + 0x8000) >> 16;

    // Geometry.c, affine_fixed: 16.16 fixed point, sampled at pixel centres; m maps the output to the input.
    private static Pixels Nearest(Pixels input, ReadOnlySpan<double> m, byte fill)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        var source = input.Bytes;
        var target = output.Bytes;
        target.Fill(fill);
        var (xx, xy, yx, yy) = (Fixed(m[0]), Fixed(m[1]), Fixed(m[3]), Fixed(m[4]));
        var (x0, y0) = (Fixed(m[2] + (m[0] * 0.5) + (m[1] * 0.5)), Fixed(m[5] + (m[3] * 0.5) + (m[4] * 0.5)));
        for (int y = 0, at = 0; y < input.Height; y++, x0 += xy, y0 += yy)
        {
            var (px, py) = (x0, y0);
            for (var x = 0; x < input.Width; x++, px += xx, py += yx, at += input.Channels)
            {
                var (sx, sy) = (px >> 16, py >> 16);
                if (sx >= 0 && sx < input.Width && sy >= 0 && sy < input.Height)
                {
                    source.Slice((int)((sy * input.Width) + sx) * input.Channels, input.Channels).CopyTo(target[at..]);
                }
            }
        }

        return output;

        static long Fixed(double v) => (long)Math.Floor((v * 65536) + 0.5);
    }
}
