using System.Globalization;
using ScottPlot;
using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Plots;

/// <summary>The loss over the learning rate on a logarithmic scale, with the suggested rate.</summary>
public static class LearningRateFinderPlot
{
    /// <summary>Draws the plot into a PNG file, 900 × 520 px.</summary>
    /// <param name="path">Path of the picture.</param>
    /// <param name="title">Model and data set.</param>
    /// <param name="rates">Learning rates in ascending order, above 0.</param>
    /// <param name="losses">Loss for each learning rate.</param>
    /// <param name="suggestion">Suggested learning rate; null draws no mark.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, IReadOnlyList<double> losses, double? suggestion)
    {
        using var plot = PlotStyle.NewPlot($"{title}: loss by learning rate", "learning rate (logarithmic scale)", "training loss (smoothed)");
        PlotStyle.AddCurve(plot, [.. rates.Select(Math.Log10)], [.. losses], PlotStyle.Good, MarkerShape.FilledCircle, "loss");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = x => $"1e{x:0}" };
        if (suggestion is { } rate)
        {
            var line = plot.Add.VerticalLine(Math.Log10(rate), 2, PlotStyle.Bad, LinePattern.Dashed);
            line.LegendText = string.Create(CultureInfo.InvariantCulture, $"suggested rate {rate:0.0e0}");
            PlotStyle.LegendBelow(plot);
        }

        WholeFile.Write(path, stream => stream.Write(plot.GetImageBytes(900, 520, ImageFormat.Png)));
    }
}
