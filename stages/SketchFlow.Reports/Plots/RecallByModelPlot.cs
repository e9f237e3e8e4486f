using ScottPlot;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Recall of each class by model as a heat map, one row per model, in panels of a hundred classes.</summary>
public static class RecallByModelPlot
{
    /// <summary>Draws the plot.</summary>
    /// <param name="title">Title of the plot.</param>
    /// <param name="models">Name and metrics of each model, evaluated on the same rows.</param>
    /// <returns>A PNG, 1400 px wide.</returns>
    public static byte[] Draw(string title, IReadOnlyList<(string Name, ClassificationReport Evaluation)> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var classes = models[0].Evaluation.PerClass.Length;
        var figure = new Multiplot();
        var panels = ClassPanel.Divide(figure, title, classes);
        foreach (var (plot, first, last) in panels)
        {
            // All panels have the same width; cells without a class remain white.
            var values = new double[models.Count, panels.Count > 1 ? ClassPanel.MaxClasses : last - first + 1];
            for (var m = 0; m < models.Count; m++)
            {
                for (var c = 0; c < values.GetLength(1); c++)
                {
                    values[m, c] = first + c <= last ? models[m].Evaluation.PerClass[first + c].Recall ?? double.NaN : double.NaN;
                }
            }

            var map = plot.Add.Heatmap(values);
            map.Colormap = new ScottPlot.Colormaps.Viridis();
            map.ManualRange = new ScottPlot.Range(0, 1);
            map.NaNCellColor = Colors.White;
            plot.Add.ColorBar(map).Label = "recall";
            plot.Axes.Left.SetTicks([.. Enumerable.Range(0, models.Count).Select(m => (double)(models.Count - 1 - m))], [.. models.Select(m => m.Name)]);
            double[] ticks = [.. Enumerable.Range(0, last - first + 1).Where(i => i % (last - first < 30 ? 1 : 5) == 0).Select(i => (double)i)];
            plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(t => PlotStyle.Integer(first + t))]);
            plot.Axes.Margins(0, 0);
            plot.HideGrid();
        }

        return figure.Render(1400, (90 + (34 * models.Count)) * panels.Count).GetImageBytes(ImageFormat.Png);
    }
}
