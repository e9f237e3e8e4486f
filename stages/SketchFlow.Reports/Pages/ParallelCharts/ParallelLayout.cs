using System.Globalization;
using System.Text;

namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>Lays out parallel coordinates in units of the drawing; the page chooses the colours, so that they follow light and dark.</summary>
internal sealed class ParallelLayout
{
    /// <summary>Place of the first axis.</summary>
    public const int Left = 20;

    /// <summary>Distance of neighbouring axes.</summary>
    public const int Gap = 165;

    private const int Right = 130;
    private const int AxisTop = 50;
    private const int AxisBottom = 340;

    /// <summary>Lays out a chart.</summary>
    public ParallelLayout(ParallelChart chart)
    {
        (Title, ScoreName) = (chart.Title, chart.ScoreName);
        ParallelAxis[] axes =
        [
            .. chart.Axes.Select((name, a) => new ParallelAxis(name, a, chart.Runs.Select(run => run.Values[a]))),
            new ParallelAxis(chart.ScoreName, chart.Axes.Count, chart.Runs.Select(run => Text(run.Score))),
        ];
        (Axes, Width) = (axes, Left + ((axes.Length - 1) * Gap) + Right);
        var (low, high) = (chart.Runs.Min(run => run.Score), chart.Runs.Max(run => run.Score));
        // The best runs are drawn last, over the others.
        Paths =
        [
            .. chart.Runs.OrderBy(run => run.Score).ThenBy(run => run.Name, StringComparer.Ordinal).Select(run => new ParallelPath(
                run.Name, Text(run.Score), high > low ? (int)Math.Round(100 * (run.Score - low) / (high - low)) : 100, PathOf(run, axes))),
        ];
        (Worst, Best) = (Text(low), Text(high));
    }

    /// <summary>Title of the chart.</summary>
    public string Title { get; }

    /// <summary>Name of the last axis.</summary>
    public string ScoreName { get; }

    /// <summary>The axes from left to right.</summary>
    public IReadOnlyList<ParallelAxis> Axes { get; }

    /// <summary>The lines, the best last.</summary>
    public IReadOnlyList<ParallelPath> Paths { get; }

    /// <summary>Width of the drawing.</summary>
    public int Width { get; }

    /// <summary>The rectangle of the drawing, in SVG's notation.</summary>
    public string ViewBox => $"0 0 {Width} {AxisBottom + 15}";

    /// <summary>Upper end of the axes.</summary>
    public int Top { get; } = AxisTop;

    /// <summary>Lower end of the axes.</summary>
    public int Bottom { get; } = AxisBottom;

    /// <summary>The lowest score as text.</summary>
    public string Worst { get; }

    /// <summary>The highest score as text.</summary>
    public string Best { get; }

    /// <summary>Returns the height of a place of an axis.</summary>
    /// <param name="place">0 at the bottom, 1 at the top.</param>
    public static string Height(double place) => (AxisBottom - (place * (AxisBottom - AxisTop))).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Text(double score) => score.ToString("0.00", CultureInfo.InvariantCulture);

    private static string PathOf(ParallelRun run, ParallelAxis[] axes)
    {
        var path = new StringBuilder();
        var isOpen = false;
        foreach (var (axis, value) in axes.Zip(run.Values.Append(Text(run.Score))))
        {
            if (axis.PlaceOf(value) is { } place)
            {
                path.Append(isOpen ? 'L' : 'M').Append(CultureInfo.InvariantCulture, $"{axis.X} {Height(place)}");
                isOpen = true;
            }
            else
            {
                isOpen = false;
            }
        }

        return path.ToString();
    }
}
