using System.Globalization;
using ScottPlot;
using SketchFlow.Reports.Fonts;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Pictures of an evaluation, as PNG bytes.</summary>
public static class ClassPlots
{
    private const int PanelOf = 100;

    private static readonly Color _good = Color.FromHex("#4C78A8");
    private static readonly Color _bad = Color.FromHex("#D62728");
    private static readonly Color _quiet = Color.FromHex("#D9DEE4");
    private static readonly Color _ink = Color.FromHex("#2B2B2B");

    /// <summary>Recall of each class as bars, in panels of a hundred classes, the worst in red.</summary>
    /// <param name="title">What was evaluated.</param>
    /// <param name="evaluation">The measurements.</param>
    /// <param name="worst">Red bars: the classes of lowest recall, at most a third of all.</param>
    /// <param name="names">Class names, written under the bars where there are at most 30 classes; else their numbers are.</param>
    /// <returns>PNG, 1400 px wide, 300 px for the first panel and 240 for each other.</returns>
    public static byte[] Recall(string title, ClassificationReport evaluation, int worst = 5, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Where(c => c.Recall is not null).ToList();
        // Of few classes, few: where most bars are red none stands out.
        worst = Math.Min(worst, Math.Max(1, classes.Count / 3));
        var red = classes.OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(worst).Where(c => c.Recall < 1).Select(c => c.Class).ToHashSet();
        var mean = classes.Count == 0 ? 0 : classes.Average(c => c.Recall!.Value);
        var heading = string.Create(CultureInfo.InvariantCulture, $"{title}: recall by class, mean {mean:0.000}{(red.Count == 0 ? "" : $"; the {red.Count} lowest in red")}");
        var figure = new Multiplot();
        var panels = Panels(figure, heading, evaluation.PerClass.Length);
        foreach (var (plot, first, last) in panels)
        {
            var here = classes.Where(c => c.Class >= first && c.Class <= last).ToList();
            plot.YLabel("recall");
            plot.Add.Bars(here.Select(c => new Bar
            {
                Position = c.Class,
                // A class that is never found has a bar to see as well.
                Value = red.Contains(c.Class) ? Math.Max(0.015, c.Recall!.Value) : c.Recall!.Value,
                Size = 0.8,
                LineWidth = 0,
                FillColor = red.Contains(c.Class) ? _bad : _good,
            }).ToArray());
            var line = plot.Add.HorizontalLine(mean, 1, _ink, LinePattern.Dashed);
            line.ExcludeFromLegend = true;
            foreach (var c in here.Where(c => red.Contains(c.Class)))
            {
                var text = plot.Add.Text(string.Create(CultureInfo.InvariantCulture, $"{c.Class}: {100 * c.Recall:0} %"), c.Class, Math.Min(0.98, c.Recall!.Value + 0.03));
                text.LabelFontColor = _bad;
                text.LabelFontSize = 13;
                text.LabelBold = true;
                // In the middle of its bar, or leaning inwards at the ends of the panel.
                text.LabelAlignment = c.Class - first < 3 && last - first > 20 ? Alignment.LowerLeft : last - c.Class < 3 && last - first > 20 ? Alignment.LowerRight : Alignment.LowerCenter;
                text.LabelBackgroundColor = Colors.White.WithAlpha(0.8);
            }

            if (names is not null && evaluation.PerClass.Length <= 30)
            {
                plot.Axes.Bottom.SetTicks([.. here.Select(c => (double)c.Class)], [.. here.Select(c => $"{c.Class} {Short(names[c.Class])}")]);
            }
            else
            {
                double[] ticks = [.. Enumerable.Range(first, last - first + 1).Where(i => i % 5 == 0).Select(i => (double)i)];
                plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(t => t.ToString("0", CultureInfo.InvariantCulture))]);
            }

            // A last panel of few classes has bars as wide as the others.
            plot.Axes.SetLimits(first - 1, panels.Count > 1 ? first + PanelOf : last + 1, 0, 1.12);
        }

        return figure.Render(1400, 60 + (240 * panels.Count)).GetImageBytes(ImageFormat.Png);
    }

    /// <summary>Cuts a figure into one styled panel for each hundred classes, under one title; each with its first and last class.</summary>
    private static List<(Plot Plot, int First, int Last)> Panels(Multiplot figure, string title, int classes)
    {
        ReportFonts.Ready();
        var count = (classes + PanelOf - 1) / PanelOf;
        figure.AddPlots(count);
        figure.Layout = new ScottPlot.MultiplotLayouts.Rows();
        var panels = Enumerable.Range(0, count).Select(p => (Style(figure.GetPlot(p)), p * PanelOf, Math.Min(classes, (p + 1) * PanelOf) - 1)).ToList();
        if (count > 0)
        {
            panels[0].Item1.Title(title, 18);
        }

        return panels;
    }

    /// <summary>Recall of each class by model, as colours: one row a model, in panels of a hundred classes.</summary>
    /// <param name="title">What they are.</param>
    /// <param name="models">Name and measurements of each, over the same rows.</param>
    /// <returns>PNG, 1400 px wide.</returns>
    public static byte[] RecallByModel(string title, IReadOnlyList<(string Name, ClassificationReport Evaluation)> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var classes = models[0].Evaluation.PerClass.Length;
        var figure = new Multiplot();
        var panels = Panels(figure, title, classes);
        foreach (var (plot, first, last) in panels)
        {
            // As wide as the others: where there is no class there is no colour.
            var values = new double[models.Count, panels.Count > 1 ? PanelOf : last - first + 1];
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
            plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(t => (first + t).ToString("0", CultureInfo.InvariantCulture))]);
            plot.Axes.Margins(0, 0);
            plot.HideGrid();
        }

        return figure.Render(1400, (90 + (34 * models.Count)) * panels.Count).GetImageBytes(ImageFormat.Png);
    }

    /// <summary>Reliability diagram: accuracy over confidence, the gap to it, and below how many rows each bin holds.</summary>
    /// <returns>PNG, 640 × 760 px.</returns>
    public static byte[] Reliability(string title, ClassificationReport evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ReportFonts.Ready();
        var figure = new Multiplot();
        figure.AddPlots(2);
        figure.Layout = new ScottPlot.MultiplotLayouts.CustomGrid();
        var grid = (ScottPlot.MultiplotLayouts.CustomGrid)figure.Layout;
        var (diagram, rows) = (Style(figure.GetPlot(0)), Style(figure.GetPlot(1)));
        grid.Set(diagram, new GridCell(0, 0, 4, 1, 3, 1));
        grid.Set(rows, new GridCell(3, 0, 4, 1));
        diagram.Title(string.Create(CultureInfo.InvariantCulture, $"{title}: ECE {evaluation.Ece:0.0000}, Brier {evaluation.Brier:0.0000}"), 16);
        diagram.YLabel("accuracy");
        var bins = evaluation.Reliability.Where(b => b.Rows > 0).ToList();
        diagram.Add.Bars(bins.Select(b => new Bar
        {
            Position = (b.From + b.To) / 2,
            Value = b.Accuracy,
            Size = 0.9 * (b.To - b.From),
            LineWidth = 0,
            FillColor = _good,
        }).ToArray()).LegendText = "accuracy";
        diagram.Add.Bars(bins.Select(b => new Bar
        {
            Position = (b.From + b.To) / 2,
            ValueBase = Math.Min(b.Accuracy, b.Confidence),
            Value = Math.Max(b.Accuracy, b.Confidence),
            Size = 0.9 * (b.To - b.From),
            LineWidth = 0,
            FillColor = _bad.WithAlpha(0.35),
        }).ToArray()).LegendText = "gap to the confidence";
        var diagonal = diagram.Add.Line(0, 0, 1, 1);
        diagonal.LinePattern = LinePattern.Dashed;
        diagonal.LineColor = _ink;
        diagonal.LegendText = "perfectly calibrated";
        diagram.ShowLegend(Alignment.UpperLeft);
        diagram.Axes.SetLimits(0, 1, 0, 1);
        rows.XLabel("confidence");
        rows.YLabel("rows");
        rows.Add.Bars(bins.Select(b => new Bar { Position = (b.From + b.To) / 2, Value = b.Rows, Size = 0.9 * (b.To - b.From), LineWidth = 0, FillColor = Color.FromHex("#9AA5B1") }).ToArray());
        rows.Axes.SetLimits(0, 1, 0, 1.1 * Math.Max(1, bins.Count == 0 ? 1 : bins.Max(b => b.Rows)));
        // Both frames begin at the same place.
        foreach (var plot in new[] { diagram, rows })
        {
            (plot.Axes.Left.MinimumSize, plot.Axes.Left.MaximumSize) = (70, 70);
        }

        figure.SharedAxes.ShareX([diagram, rows]);
        return figure.Render(640, 760).GetImageBytes(ImageFormat.Png);
    }

    /// <summary>Confusion matrix: the share of each target's rows by prediction, targets from the top; with names and figures where classes are few.</summary>
    /// <returns>PNG, 900 × 850 px.</returns>
    public static byte[] Confusion(string title, ClassificationReport evaluation, IReadOnlyList<string>? names = null)
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

        return Matrix($"{title}: share of each class's rows by prediction", shares, "prediction", "target", names, names, 0, 1);
    }

    /// <summary>A matrix as colours, its first row at the top; up to 20 rows and columns with names and figures.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="columns">What the columns are.</param>
    /// <param name="rows">What the rows are.</param>
    /// <param name="columnNames">Name of each column.</param>
    /// <param name="rowNames">Name of each row.</param>
    /// <param name="low">The number of the lowest colour; by default the lowest there is.</param>
    /// <param name="high">The number of the highest colour; by default the highest there is.</param>
    /// <returns>PNG, 900 × 850 px.</returns>
    public static byte[] Matrix(
        string title, double[,] values, string columns, string rows, IReadOnlyList<string>? columnNames = null, IReadOnlyList<string>? rowNames = null, double? low = null, double? high = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        ReportFonts.Ready();
        var plot = Style(new Plot());
        plot.Title(title, 16);
        plot.XLabel(columns);
        plot.YLabel(rows);
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        var (down, across) = (values.GetLength(0), values.GetLength(1));
        double[] all = [.. values.Cast<double>().Where(double.IsFinite)];
        var (from, to) = (low ?? (all.Length == 0 ? 0 : all.Min()), high ?? (all.Length == 0 ? 1 : all.Max()));
        map.ManualRange = new ScottPlot.Range(from, to > from ? to : from + 1);
        plot.Add.ColorBar(map);
        if (Math.Max(down, across) <= 20)
        {
            for (var r = 0; r < down; r++)
            {
                for (var c = 0; c < across; c++)
                {
                    var text = plot.Add.Text(values[r, c].ToString("0.00", CultureInfo.InvariantCulture), c, down - 1 - r);
                    text.LabelAlignment = Alignment.MiddleCenter;
                    text.LabelFontSize = Math.Max(down, across) <= 10 ? 15 : 11;
                    // Viridis is light above and dark below.
                    text.LabelFontColor = values[r, c] > from + (0.65 * (to - from)) ? Colors.Black : Colors.White;
                }
            }
        }

        if (Math.Max(down, across) <= 40)
        {
            plot.Axes.Left.SetTicks([.. Enumerable.Range(0, down).Select(i => (double)(down - 1 - i))], [.. Enumerable.Range(0, down).Select(i => rowNames is null ? $"{i}" : Short(rowNames[i]))]);
            plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, across).Select(i => (double)i)], [.. Enumerable.Range(0, across).Select(i => columnNames is null ? $"{i}" : Short(columnNames[i]))]);
            if (columnNames is not null)
            {
                plot.Axes.Bottom.TickLabelStyle.Rotation = 40;
                plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
                plot.Axes.Bottom.MinimumSize = 90;
            }
        }
        else
        {
            // Rows are counted from the top.
            double[] ticks = [.. Enumerable.Range(0, down).Where(i => i % 50 == 0).Select(i => (double)i)];
            plot.Axes.Left.SetTicks([.. ticks.Select(t => down - 1 - t)], [.. ticks.Select(t => t.ToString("0", CultureInfo.InvariantCulture))]);
        }

        plot.Axes.Margins(0, 0);
        plot.HideGrid();
        return plot.GetImageBytes(900, 850, ImageFormat.Png);
    }

    /// <summary>The ladder of an ensemble: the score as each member comes, with its interval.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="scoreName">What is scored.</param>
    /// <param name="rungs">Who came, and the score with it, the first at the top.</param>
    /// <returns>PNG, 1000 px wide.</returns>
    public static byte[] Ladder(string title, string scoreName, IReadOnlyList<(string Name, Interval Score)> rungs)
    {
        ArgumentNullException.ThrowIfNull(rungs);
        ReportFonts.Ready();
        var plot = Style(new Plot());
        plot.Title(title, 16);
        plot.XLabel($"{scoreName}, with its 95 % interval");
        double[] heights = [.. Enumerable.Range(0, rungs.Count).Select(i => (double)(rungs.Count - 1 - i))];
        for (var i = 0; i < rungs.Count; i++)
        {
            var line = plot.Add.Line(rungs[i].Score.Low, heights[i], rungs[i].Score.High, heights[i]);
            line.LineColor = _quiet;
            line.LineWidth = 10;
        }

        var path = plot.Add.Scatter([.. rungs.Select(r => r.Score.Score)], heights);
        path.Color = _good;
        path.LineWidth = 2;
        path.MarkerSize = 11;
        for (var i = 0; i < rungs.Count; i++)
        {
            var text = plot.Add.Text(rungs[i].Score.Score.ToString("0.0000", CultureInfo.InvariantCulture), rungs[i].Score.Score, heights[i] + 0.22);
            text.LabelFontSize = 13;
            text.LabelBold = true;
            text.LabelAlignment = Alignment.LowerCenter;
            text.LabelFontColor = _ink;
        }

        plot.Axes.Left.SetTicks(heights, [.. rungs.Select((r, i) => (i == 0 ? "" : "+ ") + r.Name)]);
        plot.Axes.SetLimitsY(-0.6, rungs.Count - 0.3);
        return plot.GetImageBytes(1000, 130 + (52 * rungs.Count), ImageFormat.Png);
    }

    private static Plot Style(Plot plot)
    {
        plot.FigureBackground.Color = Colors.White;
        plot.Axes.Title.Label.ForeColor = _ink;
        plot.Grid.MajorLineColor = Color.FromHex("#E6E9ED");
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        foreach (IAxis axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.FrameLineStyle.Color = Color.FromHex("#9AA5B1");
            axis.TickLabelStyle.ForeColor = _ink;
            axis.TickLabelStyle.FontSize = 13;
            axis.MajorTickStyle.Color = Color.FromHex("#9AA5B1");
            axis.MinorTickStyle.Length = 0;
        }

        return plot;
    }

    private static string Short(string name) => name.Length <= 18 ? name : name[..17] + "…";
}
