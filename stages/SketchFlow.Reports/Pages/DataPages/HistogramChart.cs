using System.Globalization;

namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A histogram as a picture of 360 × 220 units, which the template draws as SVG.</summary>
/// <remarks>The lowest and the highest bar also count what is outside of the axis, so that a few extreme values do not hide the others.</remarks>
public sealed record HistogramChart
{
    // Left edge, right edge, upper edge and bottom of the plot.
    private const double Left = 52;
    private const double Right = 336;
    private const double Top = 12;
    private const double Bottom = 172;

    private const int Bars = 40;

    /// <summary>Title of the horizontal axis, with its unit.</summary>
    public required string Axis { get; init; }

    /// <summary>Description for readers who do not see the picture.</summary>
    public required string Description { get; init; }

    /// <summary>The bars that are not empty.</summary>
    public required IReadOnlyList<HistogramBar> Columns { get; init; }

    /// <summary>Labels of the horizontal axis.</summary>
    public required IReadOnlyList<ChartTick> XTicks { get; init; }

    /// <summary>Labels of the vertical axis, the number of images.</summary>
    public required IReadOnlyList<ChartTick> YTicks { get; init; }

    /// <summary>Counts values.</summary>
    /// <param name="name">Name of the value.</param>
    /// <param name="unit">Unit of the value; empty where it has none.</param>
    /// <param name="values">At least one finite value.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static HistogramChart Create(string name, string unit, IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentException("Expected at least one value, got none.", nameof(values));
        }

        double[] sorted = [.. values.Order()];
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        var (low, high) = Range(At(0.005), At(0.995));
        var step = (high - low) / Bars;
        var counts = new int[Bars];
        foreach (var value in values)
        {
            counts[Math.Clamp((int)((value - low) / step), 0, Bars - 1)]++;
        }

        var (most, width) = (counts.Max(), (Right - Left) / Bars);
        var suffix = unit.Length == 0 ? "" : $" {unit}";
        return new HistogramChart
        {
            Axis = unit.Length == 0 ? name : $"{name} ({unit})",
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Histogram of {name} over {values.Count} images: from {sorted[0]:0.###} to {sorted[^1]:0.###}, median {At(0.5):0.###}{suffix}"),
            Columns = [.. Enumerable.Range(0, Bars).Where(b => counts[b] > 0).Select(Bar)],
            XTicks = [.. Enumerable.Range(0, 5).Select(t => new ChartTick(Text(Left + ((Right - Left) * t / 4)), Short(low + ((high - low) * t / 4))))],
            // Half of one image is no number of images.
            YTicks =
            [
                new ChartTick(Text(Bottom), "0"),
                .. most == 1 ? (ChartTick[])[] : [new ChartTick(Text((Bottom + Top) / 2), Short(most / 2.0))],
                new ChartTick(Text(Top), $"{most}"),
            ],
        };

        HistogramBar Bar(int b)
        {
            var height = (Bottom - Top) * counts[b] / most;
            return new HistogramBar(
                Text(Left + (b * width)), Text(Bottom - height), Text(width - 1), Text(height),
                string.Create(CultureInfo.InvariantCulture, $"{low + (b * step):0.###} to {low + ((b + 1) * step):0.###}{suffix}: {counts[b]} images"));
        }

        static string Text(double at) => at.ToString("0.##", CultureInfo.InvariantCulture);

        static string Short(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.##", CultureInfo.InvariantCulture);
    }

    // A range that is not empty also where all values are equal.
    private static (double Low, double High) Range(double low, double high)
    {
        var margin = 0.05 * Math.Max(1, Math.Abs(high));
        return high - low > 1e-9 * margin ? (low, high) : (low - margin, high + margin);
    }
}
