using System.Globalization;
using ScottPlot;
using SketchFlow.Reports.Fonts;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Reliability diagram: accuracy over confidence with the gap between them, and below it the number of rows in each bin.</summary>
public static class ReliabilityDiagram
{
    /// <summary>Draws the diagram.</summary>
    /// <returns>A PNG, 640 × 760 px.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ReportFonts.Register();
        var figure = new Multiplot();
        figure.AddPlots(2);
        var grid = new ScottPlot.MultiplotLayouts.CustomGrid();
        figure.Layout = grid;
        var (diagram, counts) = (PlotStyle.Apply(figure.GetPlot(0)), PlotStyle.Apply(figure.GetPlot(1)));
        grid.Set(diagram, new GridCell(0, 0, 4, 1, 3, 1));
        grid.Set(counts, new GridCell(3, 0, 4, 1));
        diagram.Title(string.Create(CultureInfo.InvariantCulture, $"{title}: ECE {evaluation.Ece:0.0000}, Brier {evaluation.Brier:0.0000}"), 16);
        var bins = evaluation.Reliability.Where(b => b.Rows > 0).ToList();
        DrawDiagram(diagram, bins);
        DrawCounts(counts, bins);

        // Both frames begin at the same horizontal position.
        foreach (var plot in new[] { diagram, counts })
        {
            (plot.Axes.Left.MinimumSize, plot.Axes.Left.MaximumSize) = (70, 70);
        }

        figure.SharedAxes.ShareX([diagram, counts]);
        return figure.Render(640, 760).GetImageBytes(ImageFormat.Png);
    }

    private static void DrawDiagram(Plot plot, List<ReliabilityBin> bins)
    {
        plot.YLabel("accuracy");
        plot.Add.Bars(bins.Select(b => Bar(b, 0, b.Accuracy, PlotStyle.Good)).ToArray()).LegendText = "accuracy";
        plot.Add.Bars(bins.Select(b => Bar(b, Math.Min(b.Accuracy, b.Confidence), Math.Max(b.Accuracy, b.Confidence), PlotStyle.Bad.WithAlpha(0.35)))
            .ToArray()).LegendText = "gap to confidence";
        var diagonal = plot.Add.Line(0, 0, 1, 1);
        diagonal.LinePattern = LinePattern.Dashed;
        diagonal.LineColor = PlotStyle.Ink;
        diagonal.LegendText = "perfectly calibrated";
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.SetLimits(0, 1, 0, 1);
    }

    private static void DrawCounts(Plot plot, List<ReliabilityBin> bins)
    {
        plot.XLabel("confidence");
        plot.YLabel("rows");
        plot.Add.Bars(bins.Select(b => Bar(b, 0, b.Rows, PlotStyle.Frame)).ToArray());
        plot.Axes.SetLimits(0, 1, 0, 1.1 * Math.Max(1, bins.Count == 0 ? 1 : bins.Max(b => b.Rows)));
    }

    private static Bar Bar(ReliabilityBin bin, double from, double to, Color color) => new()
    {
        Position = (bin.From + bin.To) / 2,
        ValueBase = from,
        Value = to,
        Size = 0.9 * (bin.To - bin.From),
        LineWidth = 0,
        FillColor = color,
    };
}
