using ScottPlot;
using SketchFlow.Data.Files;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>The loss over the learning rate on a logarithmic scale, with the suggested rate.</summary>
public static class LearningRateFinderPlot
{
    /// <summary>Draws the plot into a PNG file, 900 × 500 px.</summary>
    /// <param name="path">Path of the picture.</param>
    /// <param name="title">Title of the plot.</param>
    /// <param name="rates">Learning rates in ascending order, above 0.</param>
    /// <param name="losses">Loss for each learning rate.</param>
    /// <param name="suggestion">Suggested learning rate; null draws no mark.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, IReadOnlyList<double> losses, double? suggestion)
    {
        ReportFonts.Register();
        using var plot = new Plot();
        plot.Title(title);
        plot.XLabel("learning rate");
        plot.YLabel("smoothed loss");
        plot.Add.Scatter(rates.Select(Math.Log10).ToArray(), losses.ToArray());
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = x => $"1e{x:0}" };
        if (suggestion is { } rate)
        {
            plot.Add.VerticalLine(Math.Log10(rate)).LegendText = $"suggested {rate:0.0e0}";
            plot.ShowLegend();
        }

        WholeFile.Write(path, stream => stream.Write(plot.GetImageBytes(900, 500, ImageFormat.Png)));
    }
}
