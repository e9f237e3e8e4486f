using System.Globalization;
using ScottPlot;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Reliability diagram: accuracy over confidence with the gap between them, and below it the number of images in each bin.</summary>
public static class ReliabilityDiagram
{
    /// <summary>Draws the diagram.</summary>
    /// <param name="title">Name of the evaluated model.</param>
    /// <param name="evaluation">The metrics.</param>
    /// <returns>A PNG, 700 × 820 px.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var figure = PlotStyle.NewFigure(2);
        var heading = string.Create(CultureInfo.InvariantCulture, $"{title}: calibration (ECE {evaluation.Ece:0.0000}, Brier score {evaluation.Brier:0.0000})");
        var diagram = PlotStyle.Apply(figure.GetPlot(0), heading, "confidence, %", "accuracy, %");
        var counts = PlotStyle.Apply(figure.GetPlot(1), "", "confidence, %", "images");
        figure.Layout = new StackedPanels([600, 220]);
        var bins = evaluation.Reliability.Where(b => b.Rows > 0).ToList();
        DrawDiagram(diagram, bins);
        DrawCounts(counts, bins);

        // Both frames begin and end at the same horizontal position.
        foreach (var plot in new[] { diagram, counts })
        {
            plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 76;
            plot.Axes.Right.MinimumSize = plot.Axes.Right.MaximumSize = 24;
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(10);
        }

        return figure.Render(700, 820).GetImageBytes(ImageFormat.Png);
    }

    private static void DrawDiagram(Plot plot, List<ReliabilityBin> bins)
    {
        plot.Add.Bars(bins.Select(b => Bar(b, 0, 100 * b.Accuracy, PlotStyle.Good)).ToArray()).LegendText = "accuracy";
        plot.Add.Bars(bins.Select(b => Bar(b, 100 * Math.Min(b.Accuracy, b.Confidence), 100 * Math.Max(b.Accuracy, b.Confidence), PlotStyle.Difference))
            .ToArray()).LegendText = "difference from the confidence";
        var diagonal = plot.Add.Line(0, 0, 100, 100);
        diagonal.LinePattern = LinePattern.Dashed;
        diagonal.LineColor = PlotStyle.Ink;
        diagonal.LegendText = "perfectly calibrated";
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(10);
        plot.Axes.SetLimits(0, 100, 0, 100);
        PlotStyle.LegendBelow(plot);
    }

    private static void DrawCounts(Plot plot, List<ReliabilityBin> bins)
    {
        plot.Add.Bars(bins.Select(b => Bar(b, 0, b.Rows, PlotStyle.Frame)).ToArray());
        plot.Axes.SetLimits(0, 100, 0, 1.1 * Math.Max(1, bins.Count == 0 ? 1 : bins.Max(b => b.Rows)));
    }

    private static Bar Bar(ReliabilityBin bin, double from, double to, Color color) => new()
    {
        Position = 100 * (bin.From + bin.To) / 2,
        ValueBase = from,
        Value = to,
        Size = 90 * (bin.To - bin.From),
        LineWidth = 0,
        FillColor = color,
    };
}
