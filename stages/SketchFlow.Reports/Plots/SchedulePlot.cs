using System.Globalization;
using ScottPlot;
using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Plots;

/// <summary>The learning rate over a run.</summary>
public static class SchedulePlot
{
    /// <summary>Draws the learning rate of every step into a PNG file.</summary>
    /// <param name="path">Path of the picture, 1200 × 450 px.</param>
    /// <param name="title">Model and schedule.</param>
    /// <param name="rates">Learning rate of each step.</param>
    /// <param name="stepsPerEpoch">Number of steps per epoch, the unit of the horizontal axis.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, long stepsPerEpoch)
    {
        const int MaxPoints = 4000;
        // A picture 1,200 pixels wide shows only a few points per pixel. The last step is always included.
        var every = Math.Max(1, rates.Count / MaxPoints);
        int[] shown = [.. Enumerable.Range(0, rates.Count).Where(i => i % every == 0 || i == rates.Count - 1)];
        var plot = PlotStyle.NewPlot($"Learning rate of each step, {title}", "epoch", "learning rate");
        double[] epochs = [.. shown.Select(i => i / (double)stepsPerEpoch)];
        PlotStyle.AddCurve(plot, epochs, [.. shown.Select(i => rates[i])], PlotStyle.Good, shown.Length == 1 ? MarkerShape.FilledCircle : MarkerShape.None);
        if (rates.Count >= 3 * stepsPerEpoch)
        {
            PlotStyle.WholeNumbers(plot);
        }

        var format = rates.Max() < 0.01 ? "0.##e0" : "0.######";
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            LabelFormatter = rate => rate == 0 ? "0" : rate.ToString(format, CultureInfo.InvariantCulture),
        };
        WholeFile.Write(path, stream => stream.Write(plot.GetImage(1200, 450).GetImageBytes(ImageFormat.Png)));
    }
}
