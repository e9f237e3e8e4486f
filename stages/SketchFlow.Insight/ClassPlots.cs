using ScottPlot;
using SketchFlow.Scoring;

namespace SketchFlow.Insight;

/// <summary>Pictures of an evaluation, as PNG bytes.</summary>
public static class ClassPlots
{
    private const int PanelOf = 100;

    /// <summary>Recall of each class as bars, in panels of a hundred classes, the worst in red.</summary>
    /// <param name="title">What was evaluated.</param>
    /// <param name="evaluation">The measurements.</param>
    /// <param name="worst">Red bars: the classes of lowest recall.</param>
    /// <returns>PNG, 1400 px wide, 260 px a panel.</returns>
    public static byte[] Recall(string title, Evaluation evaluation, int worst = 5)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Where(c => c.Recall is not null).ToList();
        var red = classes.OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(worst).Where(c => c.Recall < 1).Select(c => c.Class).ToHashSet();
        var panels = (evaluation.PerClass.Length + PanelOf - 1) / PanelOf;
        var figure = new Multiplot();
        figure.AddPlots(panels);
        figure.Layout = new ScottPlot.MultiplotLayouts.Rows();
        for (var panel = 0; panel < panels; panel++)
        {
            var plot = figure.GetPlot(panel);
            var (first, last) = (panel * PanelOf, Math.Min(evaluation.PerClass.Length, (panel + 1) * PanelOf) - 1);
            plot.Title(panel == 0 ? $"{title}: recall of classes {first} to {last}, the {red.Count} worst in red" : $"classes {first} to {last}");
            plot.Add.Bars(classes.Where(c => c.Class >= first && c.Class <= last).Select(c => new Bar
            {
                Position = c.Class,
                Value = c.Recall!.Value,
                Size = 0.8,
                LineWidth = 0,
                FillColor = red.Contains(c.Class) ? Colors.Red : Colors.SteelBlue,
            }).ToArray());
            foreach (var c in classes.Where(c => c.Class >= first && c.Class <= last && red.Contains(c.Class)))
            {
                plot.Add.Text($"{c.Class}", c.Class, Math.Min(0.95, c.Recall!.Value + 0.02)).LabelFontColor = Colors.Red;
            }

            plot.Axes.SetLimits(first - 1, last + 1, 0, 1.05);
        }

        return figure.Render(1400, 260 * panels).GetImageBytes(ImageFormat.Png);
    }

    /// <summary>Reliability diagram: accuracy over confidence, and how many rows each bin holds.</summary>
    /// <returns>PNG, 600 × 600 px.</returns>
    public static byte[] Reliability(string title, Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var plot = new Plot();
        plot.Title($"{title}: ECE {evaluation.Ece:0.0000}");
        plot.XLabel("confidence");
        plot.YLabel("accuracy (blue), share of rows (grey)");
        Draw(b => (double)b.Rows / evaluation.Rows, Colors.LightGray, 1);
        Draw(b => b.Accuracy, Colors.SteelBlue, 0.55);
        var diagonal = plot.Add.Line(0, 0, 1, 1);
        diagonal.LinePattern = LinePattern.Dashed;
        diagonal.LineColor = Colors.Black;
        plot.Axes.SetLimits(0, 1, 0, 1);
        return plot.GetImageBytes(600, 600, ImageFormat.Png);

        void Draw(Func<ReliabilityBin, double> value, Color color, double share) => plot.Add.Bars(evaluation.Reliability.Where(b => b.Rows > 0).Select(b => new Bar
        {
            Position = (b.From + b.To) / 2,
            Value = value(b),
            Size = share * (b.To - b.From),
            LineWidth = 0,
            FillColor = color,
        }).ToArray());
    }

    /// <summary>Confusion matrix: the share of each target's rows by prediction, targets from the top.</summary>
    /// <returns>PNG, 900 × 850 px.</returns>
    public static byte[] Confusion(string title, Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Length;
        var shares = new double[classes, classes];
        for (var t = 0; t < classes; t++)
        {
            for (var p = 0; p < classes; p++)
            {
                // A heat map's first row is drawn at the top.
                shares[t, p] = evaluation.PerClass[t].Support == 0 ? 0 : (double)evaluation.Confusion[t, p] / evaluation.PerClass[t].Support;
            }
        }

        return Matrix($"{title}: confusion", shares, "prediction", "target, from the top");
    }

    /// <summary>A matrix as colours, its first row at the top.</summary>
    /// <returns>PNG, 900 × 850 px.</returns>
    public static byte[] Matrix(string title, double[,] values, string columns, string rows)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel(columns);
        plot.YLabel(rows);
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        plot.Add.ColorBar(map);
        return plot.GetImageBytes(900, 850, ImageFormat.Png);
    }
}
