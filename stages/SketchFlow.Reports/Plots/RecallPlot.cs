using ScottPlot;
using SketchFlow.Data.Messages;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Recall of each class as bars with the classes' names, in panels of up to 80 classes, the lowest in another colour.</summary>
public static class RecallPlot
{
    /// <summary>Draws the plot.</summary>
    /// <param name="title">Name of the evaluated model.</param>
    /// <param name="evaluation">The metrics.</param>
    /// <param name="names">Class names.</param>
    /// <param name="worst">Number of coloured bars: the classes of lowest recall, at most a third of all, but always all that are never recognised.</param>
    /// <returns>A PNG, 750 to 1560 px wide.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation, IReadOnlyList<string> names, int worst = 5)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(names);
        var classes = evaluation.PerClass.Where(c => c.Recall is not null).ToList();

        var (low, lowest) = FindLowest(evaluation, worst);
        var mean = classes.Count == 0 ? 0 : classes.Average(c => c.Recall!.Value);
        var orange = lowest.Length > 0 ? $"; orange: {lowest}" : "";
        var heading = $"{title}: recall of each class (dashed: mean {Percent.Text(mean)}{orange})";
        return ClassPanel.Draw((heading, "recall, %", "class"), names, new PanelSize(Left: 64, Right: 16, Height: 170), panel =>
        {
            var plot = panel.Plot;
            var shown = classes.Where(c => c.Class >= panel.First && c.Class <= panel.Last).ToList();
            plot.Add.Bars(shown.Select(c => Bar(c, c.Class - panel.First, low.Contains(c.Class))).ToArray());
            plot.Add.HorizontalLine(100 * mean, 1, PlotStyle.Ink, LinePattern.Dashed);
            shown.Where(c => low.Contains(c.Class)).ToList().ForEach(c => Label(plot, c, c.Class - panel.First));
            plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(20);
            plot.Grid.XAxisStyle.IsVisible = false;
            plot.Axes.SetLimitsY(0, 116);
        });
    }

    /// <summary>Finds the classes that are coloured, and describes them for the title.</summary>
    /// <param name="evaluation">The metrics.</param>
    /// <param name="worst">Number of classes of lowest recall.</param>
    internal static (HashSet<int> Classes, string Description) FindLowest(ClassificationReport evaluation, int worst)
    {
        var weakest = evaluation.WeakestClasses().ToList();

        // If most bars were coloured, none would be conspicuous.
        worst = Math.Min(worst, Math.Max(1, weakest.Count / 3));
        var zeros = weakest.Count(c => c.Recall == 0);
        if (zeros > worst)
        {
            return ([.. weakest.Take(zeros).Select(c => c.Class)], $"the {zeros} classes at 0 %");
        }

        var low = weakest.Take(worst).Where(c => c.Recall < 1).ToList();
        var isTied = low.Count > 0 && low.Count < weakest.Count && weakest[low.Count].Recall == low[^1].Recall;
        return ([.. low.Select(c => c.Class)], low.Count == 0 ? "" : isTied ? $"{low.Count} of the lowest" : $"the {low.Count} lowest");
    }

    private static Bar Bar(ClassScore metrics, int position, bool isLow) => new()
    {
        Position = position,

        // A class that is never recognised has a visible bar as well.
        Value = isLow ? Math.Max(1.5, 100 * metrics.Recall!.Value) : 100 * metrics.Recall!.Value,
        Size = 0.8,
        LineWidth = 0,
        FillColor = isLow ? PlotStyle.Bad : PlotStyle.Good,
    };

    private static void Label(Plot plot, ClassScore metrics, int position)
    {
        var text = plot.Add.Text(PlotStyle.Integer(100 * metrics.Recall!.Value), position, (100 * metrics.Recall!.Value) + 3);
        text.LabelFontColor = PlotStyle.Bad;
        text.LabelFontSize = 12;
        text.LabelBold = true;
        text.LabelAlignment = Alignment.LowerCenter;
    }
}
