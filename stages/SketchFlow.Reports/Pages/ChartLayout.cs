using System.Globalization;
using System.Text;

namespace SketchFlow.Reports.Pages;

/// <summary>
/// Lays out a chart of lines in units of the drawing. The page draws it, so that it follows light and dark; the legend is below, never over the lines.
/// </summary>
internal sealed class ChartLayout
{
    private const int Width = 640;
    private const int Height = 320;
    private const int Left = 88;
    private const int Right = 15;
    private const int Top = 12;
    private const int Bottom = 46;
    private const int MostTicks = 6;

    // Number of colours, after which they begin again.
    private const int Styles = 6;

    private readonly (double Low, double High) _x;
    private readonly (double Low, double High) _y;

    /// <summary>Lays out a chart; a line without a finite value is left out.</summary>
    public ChartLayout(LineChart chart)
    {
        (Title, XLabel, YLabel) = (chart.Title, chart.XLabel, chart.YLabel);
        List<ChartLine> shown = [.. chart.Lines.Where(l => l.Points.Any(IsFinite))];
        (double X, double Y)[] points = [.. shown.SelectMany(l => l.Points).Where(IsFinite)];
        (_x, _y) = (Range(points.Select(p => p.X)), Range(points.Select(p => p.Y)));
        // Epochs and other whole numbers have no marks between them.
        var least = points.All(p => double.IsInteger(p.X)) ? 1 : 0;
        XTicks = [.. Ticks(_x, least).Select(v => new ChartTick(Place(MapX(v)), Text(v)))];
        YTicks = [.. Ticks(_y, 0).Select(v => new ChartTick(Place(MapY(v)), Text(v)))];
        Paths = [.. shown.Select((line, i) => new ChartPath(line.Name, (i % Styles) + 1, PathOf(line)))];
    }

    /// <summary>The rectangle of the drawing, in SVG's notation.</summary>
    public string ViewBox { get; } = $"0 0 {Width} {Height}";

    /// <summary>Title of the chart.</summary>
    public string Title { get; }

    /// <summary>Title of the horizontal axis.</summary>
    public string XLabel { get; }

    /// <summary>Title of the vertical axis.</summary>
    public string YLabel { get; }

    /// <summary>Marks of the horizontal axis.</summary>
    public IReadOnlyList<ChartTick> XTicks { get; }

    /// <summary>Marks of the vertical axis.</summary>
    public IReadOnlyList<ChartTick> YTicks { get; }

    /// <summary>The lines.</summary>
    public IReadOnlyList<ChartPath> Paths { get; }

    /// <summary>The frame of the plot.</summary>
    public ChartFrame Frame { get; } = new(Left, Top, Width - Right, Height - Bottom);

    private static bool IsFinite((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var (low, high) = values.Aggregate((Low: double.PositiveInfinity, High: double.NegativeInfinity), (r, v) => (Math.Min(r.Low, v), Math.Max(r.High, v)));
        if (low > high)
        {
            return (0, 1);
        }

        // A single value is in the middle; so are values too close for marks between them.
        return high - low > Math.Max(1e-290, 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)))
            ? (low, high) : (low - Math.Max(0.5, Math.Abs(low) / 2), high + Math.Max(0.5, Math.Abs(high) / 2));
    }

    // Multiples of 1, 2 or 5 times a power of ten.
    private static IEnumerable<double> Ticks((double Low, double High) range, double least)
    {
        var raw = (range.High - range.Low) / MostTicks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = Math.Max(least, power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        for (var i = Math.Ceiling((range.Low / step) - 1e-9); i * step <= range.High + (step * 1e-9); i++)
        {
            yield return i * step;
        }
    }

    private static string Text(double value) =>
        value.ToString(Math.Abs(value) is (> 0 and < 1e-4) or >= 1e6 ? "0.##e0" : "0.######", CultureInfo.InvariantCulture);

    private static string Place(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private double MapX(double x) => Left + ((x - _x.Low) / (_x.High - _x.Low) * (Width - Right - Left));

    private double MapY(double y) => Height - Bottom - ((y - _y.Low) / (_y.High - _y.Low) * (Height - Bottom - Top));

    private string PathOf(ChartLine line)
    {
        var path = new StringBuilder();
        var isOpen = false;
        foreach (var point in line.Points)
        {
            if (!IsFinite(point))
            {
                isOpen = false;
                continue;
            }

            path.Append(isOpen ? 'L' : 'M').Append(Place(MapX(point.X))).Append(' ').Append(Place(MapY(point.Y)));
            isOpen = true;
        }

        return path.ToString();
    }
}
