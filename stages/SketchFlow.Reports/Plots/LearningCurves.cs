using ScottPlot;
using SketchFlow.Data.Files;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>Loss and accuracy over the epochs of a run, in two panels.</summary>
public static class LearningCurves
{
    /// <summary>Draws the curves into a PNG file; a run without epochs has no picture.</summary>
    /// <param name="path">Path of the picture, 1200 × 450 px.</param>
    /// <param name="title">Name of the run.</param>
    /// <param name="points">Loss and accuracy of each epoch.</param>
    public static void Draw(string path, string title, IReadOnlyList<CurvePoint> points)
    {
        if (points.Count == 0)
        {
            return;
        }

        ReportFonts.Register();
        double[] epochs = [.. points.Select(p => (double)p.Epoch)];
        var figure = new Multiplot();
        figure.AddPlots(2);
        Panel(0, $"{title}: loss", points.Select(p => p.TrainLoss), points.Select(p => p.ValidationLoss));
        Panel(1, "accuracy, %", points.Select(p => 100 * p.TrainAccuracy), points.Select(p => 100 * p.ValidationAccuracy));
        figure.Layout = new ScottPlot.MultiplotLayouts.Columns();
        WholeFile.Write(path, stream => stream.Write(figure.Render(1200, 450).GetImageBytes(ImageFormat.Png)));

        void Panel(int index, string label, IEnumerable<double> train, IEnumerable<double> validation)
        {
            var plot = figure.GetPlot(index);
            plot.Title(label);
            plot.XLabel("epoch");
            Line("training (augmented)", [.. train]);
            Line("validation", [.. validation]);
            plot.ShowLegend();

            void Line(string name, double[] values) => plot.Add.Scatter(epochs, values).LegendText = name;
        }
    }
}
