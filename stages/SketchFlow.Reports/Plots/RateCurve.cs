using ScottPlot;
using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Plots;

/// <summary>Loss over the learning rate, on a logarithmic scale, with the suggested rate.</summary>
public static class RateCurve
{
    /// <summary>Draws the curve into a PNG, 900 × 500 px.</summary>
    /// <param name="path">The picture.</param>
    /// <param name="title">What was tried.</param>
    /// <param name="rates">Ascending, above 0.</param>
    /// <param name="losses">One a rate.</param>
    /// <param name="suggestion">Marked, where there is one.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, IReadOnlyList<double> losses, double? suggestion)
    {
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
