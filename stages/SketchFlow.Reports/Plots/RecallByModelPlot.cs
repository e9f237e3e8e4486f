using ScottPlot;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Recall of each class by model as a heat map, one row per model, in panels of up to 80 classes.</summary>
public static class RecallByModelPlot
{
    private const int RowHeight = 26;
    private const int ColorBarWidth = 110;

    /// <summary>Draws the plot.</summary>
    /// <param name="title">Title of the plot.</param>
    /// <param name="models">Name and metrics of each model, evaluated on the same rows.</param>
    /// <param name="names">Class names.</param>
    /// <returns>A PNG, 750 to 1770 px wide.</returns>
    public static byte[] Draw(string title, IReadOnlyList<(string Name, ClassificationReport Evaluation)> models, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(names);
        var labels = new NameLabels([.. models.Select(m => m.Name)], "model", 28);
        (double, int)[] rows = [.. Enumerable.Range(0, models.Count).Select(m => ((double)(models.Count - 1 - m), m))];
        var size = new PanelSize((int)labels.Width(13) + 46, ColorBarWidth, Math.Max(78, RowHeight * models.Count));
        return ClassPanel.Draw((title, "model", "class"), names, size, panel =>
        {
            var (plot, first, last) = panel;
            var values = new double[models.Count, last - first + 1];
            for (var m = 0; m < models.Count; m++)
            {
                for (var c = first; c <= last; c++)
                {
                    values[m, c - first] = 100 * models[m].Evaluation.PerClass[c].Recall ?? double.NaN;
                }
            }

            var map = plot.Add.Heatmap(values);
            map.Colormap = new ScottPlot.Colormaps.Viridis();
            map.ManualRange = new ScottPlot.Range(0, 100);
            map.NaNCellColor = Colors.White;
            MatrixPlot.AddColorBar(plot, map, "recall, %");
            labels.ShowLeft(plot, rows, RowHeight);
            plot.Axes.SetLimitsY(-0.5, models.Count - 0.5);
            plot.HideGrid();
        });
    }
}
