using ScottPlot;
using SketchFlow.Data.Files;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>The learning rate over a run.</summary>
public static class SchedulePlot
{
    /// <summary>Draws the learning rate of every step into a PNG file.</summary>
    /// <param name="path">Path of the picture, 1200 × 450 px.</param>
    /// <param name="title">Title of the plot.</param>
    /// <param name="rates">Learning rate of each step.</param>
    /// <param name="stepsPerEpoch">Number of steps per epoch, the unit of the horizontal axis.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, long stepsPerEpoch)
    {
        const int MaxPoints = 4000;
        // A picture 1,200 pixels wide shows only a few points per pixel. The last step is always included.
        var every = Math.Max(1, rates.Count / MaxPoints);
        int[] shown = [.. Enumerable.Range(0, rates.Count).Where(i => i % every == 0 || i == rates.Count - 1)];
        ReportFonts.Register();
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel("epoch");
        plot.YLabel("learning rate");
        var line = plot.Add.Scatter(shown.Select(i => i / (double)stepsPerEpoch).ToArray(), shown.Select(i => rates[i]).ToArray());
        line.MarkerSize = 0;
        line.LineWidth = 2;
        WholeFile.Write(path, stream => stream.Write(plot.GetImage(1200, 450).GetImageBytes(ImageFormat.Png)));
    }
}
