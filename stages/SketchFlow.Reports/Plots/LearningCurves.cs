using ScottPlot;
using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Plots;

/// <summary>Loss and accuracy over the epochs of a run, in two panels.</summary>
public static class LearningCurves
{
    /// <summary>Draws the curves into a PNG file; a run without epochs has no picture.</summary>
    /// <param name="path">Path of the picture, 1200 × 480 px.</param>
    /// <param name="title">Name of the run.</param>
    /// <param name="points">Loss and accuracy of each epoch.</param>
    public static void Draw(string path, string title, IReadOnlyList<CurvePoint> points)
    {
        if (points.Count == 0)
        {
            return;
        }

        double[] epochs = [.. points.Select(p => (double)p.Epoch)];
        var margin = epochs.Length == 1 ? 1 : 0.04 * (epochs[^1] - epochs[0]);
        var figure = PlotStyle.NewFigure(2);
        Panel(0, $"{title}: loss", "loss", points.Select(p => p.TrainLoss), points.Select(p => p.ValidationLoss));
        Panel(1, $"{title}: accuracy", "accuracy, %", points.Select(p => 100 * p.TrainAccuracy), points.Select(p => 100 * p.ValidationAccuracy));
        figure.Layout = new ScottPlot.MultiplotLayouts.Columns();
        WholeFile.Write(path, stream => stream.Write(figure.Render(1200, 480).GetImageBytes(ImageFormat.Png)));

        void Panel(int index, string heading, string vertical, IEnumerable<double> train, IEnumerable<double> validation)
        {
            var plot = PlotStyle.Apply(figure.GetPlot(index), heading, "epoch", vertical);
            PlotStyle.AddCurve(plot, epochs, [.. train], PlotStyle.Good, MarkerShape.FilledCircle, "training (augmented images)");
            PlotStyle.AddCurve(plot, epochs, [.. validation], PlotStyle.Bad, MarkerShape.FilledSquare, "validation");
            PlotStyle.WholeNumbers(plot);
            plot.Axes.SetLimitsX(epochs[0] - margin, epochs[^1] + margin);
            PlotStyle.LegendBelow(plot);
        }
    }
}
