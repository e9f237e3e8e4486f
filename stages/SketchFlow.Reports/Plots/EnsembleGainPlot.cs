using System.Globalization;
using ScottPlot;
using SketchFlow.Data.Messages;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>The score of an ensemble after each added model, with its interval.</summary>
public static class EnsembleGainPlot
{
    /// <summary>Draws the plot.</summary>
    /// <param name="title">Title of the plot.</param>
    /// <param name="scoreName">Name of the score.</param>
    /// <param name="steps">Name of each added model and the score with it, drawn from top to bottom.</param>
    /// <param name="isShare">Whether the score is a share, which is drawn in percent.</param>
    /// <returns>A PNG, 1000 px wide.</returns>
    public static byte[] Draw(string title, string scoreName, IReadOnlyList<(string Name, Interval Score)> steps, bool isShare = true)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var (unit, scale) = isShare ? (", %,", 100) : ("", 1);
        var plot = PlotStyle.NewPlot(title, $"{scoreName}{unit} with its 95 % interval", "model");
        double[] heights = [.. Enumerable.Range(0, steps.Count).Select(i => (double)(steps.Count - 1 - i))];
        for (var i = 0; i < steps.Count; i++)
        {
            var line = plot.Add.Line(scale * steps[i].Score.Low, heights[i], scale * steps[i].Score.High, heights[i]);
            line.LineColor = PlotStyle.Quiet;
            line.LineWidth = 10;
        }

        var path = plot.Add.Scatter([.. steps.Select(s => scale * s.Score.Score)], heights);
        path.Color = PlotStyle.Good;
        path.LineWidth = 2;
        path.MarkerSize = 11;
        for (var i = 0; i < steps.Count; i++)
        {
            var score = steps[i].Score.Score;
            var text = plot.Add.Text(isShare ? Percent.Text(score) : score.ToString("0.0000", CultureInfo.InvariantCulture), scale * score, heights[i] + 0.22);
            text.LabelFontSize = 13;
            text.LabelBold = true;
            text.LabelAlignment = Alignment.LowerCenter;
            text.LabelFontColor = PlotStyle.Ink;
        }

        var labels = new NameLabels([.. steps.Select((s, i) => (i == 0 ? "" : "+ ") + s.Name)], "model", 40);
        labels.ShowLeft(plot, [.. heights.Select((h, i) => (h, i))], 52);
        plot.Axes.SetLimitsY(-0.6, steps.Count - 0.3);
        return plot.GetImageBytes(1000, 130 + (52 * steps.Count), ImageFormat.Png);
    }
}
