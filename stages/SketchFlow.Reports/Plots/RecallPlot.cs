using System.Globalization;
using ScottPlot;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Recall of each class as bars, in panels of a hundred classes, the lowest in red.</summary>
public static class RecallPlot
{
    private const int MaxNamedClasses = 30;

    /// <summary>Draws the plot.</summary>
    /// <param name="title">Name of the evaluated model.</param>
    /// <param name="evaluation">The metrics.</param>
    /// <param name="worst">Number of red bars: the classes of lowest recall, at most a third of all.</param>
    /// <param name="names">Class names, shown below the bars if there are at most 30 classes; otherwise class numbers are shown.</param>
    /// <returns>A PNG, 1400 px wide, with 240 px per panel and 60 px for the title.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation, int worst = 5, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Where(c => c.Recall is not null).ToList();

        // If most bars were red, none would be conspicuous.
        worst = Math.Min(worst, Math.Max(1, classes.Count / 3));
        var red = classes.OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(worst).Where(c => c.Recall < 1).Select(c => c.Class).ToHashSet();
        var mean = classes.Count == 0 ? 0 : classes.Average(c => c.Recall!.Value);
        var lowest = red.Count == 0 ? "" : $"; the {red.Count} lowest in red";
        var heading = string.Create(CultureInfo.InvariantCulture, $"{title}: recall by class, mean {mean:0.000}{lowest}");
        var figure = new Multiplot();
        var panels = ClassPanel.Divide(figure, heading, evaluation.PerClass.Length);
        foreach (var (plot, first, last) in panels)
        {
            var shown = classes.Where(c => c.Class >= first && c.Class <= last).ToList();
            plot.YLabel("recall");
            plot.Add.Bars(shown.Select(c => Bar(c, red.Contains(c.Class))).ToArray());
            plot.Add.HorizontalLine(mean, 1, PlotStyle.Ink, LinePattern.Dashed).ExcludeFromLegend = true;
            foreach (var c in shown.Where(c => red.Contains(c.Class)))
            {
                Label(plot, c, first, last);
            }

            if (names is not null && evaluation.PerClass.Length <= MaxNamedClasses)
            {
                plot.Axes.Bottom.SetTicks([.. shown.Select(c => (double)c.Class)], [.. shown.Select(c => $"{c.Class} {PlotStyle.Shorten(names[c.Class])}")]);
            }
            else
            {
                double[] ticks = [.. Enumerable.Range(first, last - first + 1).Where(i => i % 5 == 0).Select(i => (double)i)];
                plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(PlotStyle.Integer)]);
            }

            // The bars of a last panel with few classes are as wide as the others.
            plot.Axes.SetLimits(first - 1, panels.Count > 1 ? first + ClassPanel.MaxClasses : last + 1, 0, 1.12);
        }

        return figure.Render(1400, 60 + (240 * panels.Count)).GetImageBytes(ImageFormat.Png);
    }

    private static Bar Bar(ClassScore metrics, bool isLow) => new()
    {
        Position = metrics.Class,

        // A class that is never recognised has a visible bar as well.
        Value = isLow ? Math.Max(0.015, metrics.Recall!.Value) : metrics.Recall!.Value,
        Size = 0.8,
        LineWidth = 0,
        FillColor = isLow ? PlotStyle.Bad : PlotStyle.Good,
    };

    private static void Label(Plot plot, ClassScore metrics, int first, int last)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"{metrics.Class}: {100 * metrics.Recall:0} %");
        var text = plot.Add.Text(label, metrics.Class, Math.Min(0.98, metrics.Recall!.Value + 0.03));
        text.LabelFontColor = PlotStyle.Bad;
        text.LabelFontSize = 13;
        text.LabelBold = true;

        // Centred on its bar; at the ends of a wide panel, aligned inwards.
        var isWide = last - first > 20;
        text.LabelAlignment = metrics.Class - first < 3 && isWide ? Alignment.LowerLeft
            : last - metrics.Class < 3 && isWide ? Alignment.LowerRight
            : Alignment.LowerCenter;
        text.LabelBackgroundColor = Colors.White.WithAlpha(0.8);
    }
}
