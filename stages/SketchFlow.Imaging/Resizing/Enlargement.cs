namespace SketchFlow.Imaging.Resizing;

/// <summary>Enlarges a part of an image by linear or cubic interpolation, equal to OpenCV's resize up to rounding.</summary>
internal static class Enlargement
{
    // OpenCV's coefficient of its cubic.
    private const double A = -0.75;

    /// <summary>Interpolates the window's pixels; only the input under it is read.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Output, without padding between rows.</param>
    /// <param name="window">Part that is computed, and the whole output's size, at least the source's.</param>
    /// <param name="cubic">Cubic instead of linear.</param>
    public static void Run(PixelSpan source, Span<byte> target, ResizeWindow window, bool cubic)
    {
        var columns = Taps(source.Width, window.FullWidth, window.Left, window.Width, cubic);
        var rows = Taps(source.Height, window.FullHeight, window.Top, window.Height, cubic);
        var channels = source.Channels;
        for (var y = 0; y < window.Height; y++)
        {
            for (var x = 0; x < window.Width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var sum = 0.0;
                    for (var r = 0; r < 4; r++)
                    {
                        var (row, share) = rows[(y * 4) + r];
                        if (share == 0)
                        {
                            continue;
                        }

                        var line = source.Row(row);
                        for (var k = 0; k < 4; k++)
                        {
                            var (column, weight) = columns[(x * 4) + k];
                            sum += share * weight * line[(column * channels) + c];
                        }
                    }

                    target[(((y * window.Width) + x) * channels) + c] = (byte)Math.Clamp(Math.Round(sum), 0, 255);
                }
            }
        }
    }

    // Four input pixels and weights per output pixel; pixels beyond the border are the border's.
    private static (int At, double Weight)[] Taps(int source, long full, long from, int count, bool cubic)
    {
        var taps = new (int, double)[count * 4];
        for (var i = 0; i < count; i++)
        {
            var at = ((from + i + 0.5) * source / full) - 0.5;
            var first = Math.Floor(at);
            var t = at - first;
            for (var k = 0; k < 4; k++)
            {
                var weight = cubic ? Cubic(Math.Abs(k - 1 - t)) : Math.Max(0, 1 - Math.Abs(k - 1 - t));
                taps[(i * 4) + k] = ((int)Math.Clamp(first + k - 1, 0, source - 1), weight);
            }
        }

        return taps;
    }

    private static double Cubic(double d) => d <= 1
        ? ((((A + 2) * d) - (A + 3)) * d * d) + 1
        : d < 2 ? (((((d - 5) * d) + 8) * d) - 4) * A
        : 0;
}
