using ScottPlot;
using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Plots;

/// <summary>The learning rate over a run, drawn.</summary>
public static class SchedulePlot
{
    /// <summary>Draws the rate of every step into a PNG.</summary>
    /// <param name="path">The picture, 1200 × 450 px.</param>
    /// <param name="title">The schedule in words.</param>
    /// <param name="rates">One a step.</param>
    /// <param name="stepsPerEpoch">Steps in an epoch: the axis counts epochs.</param>
    public static void Draw(string path, string title, IReadOnlyList<double> rates, long stepsPerEpoch)
    {
        const int Points = 4000;
        // A picture 1,200 pixels wide shows no more than a few points a pixel; the last step is always among them.
        var every = Math.Max(1, rates.Count / Points);
        int[] shown = [.. Enumerable.Range(0, rates.Count).Where(i => i % every == 0 || i == rates.Count - 1)];
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
