using System.Globalization;
using ScottPlot;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>A matrix as a heat map, first row at the top.</summary>
public static class MatrixPlot
{
    private const int MaxWithValues = 20;
    private const int MaxWithNames = 40;

    /// <summary>Draws the matrix; up to 20 rows and columns with values, up to 40 with names.</summary>
    /// <param name="values">Values by row and column.</param>
    /// <param name="options">Labels and colour range.</param>
    /// <returns>A PNG, 900 × 850 px.</returns>
    public static byte[] Draw(double[,] values, MatrixPlotOptions options)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(options);
        ReportFonts.Register();
        var plot = PlotStyle.Apply(new Plot());
        plot.Title(options.Title, 16);
        plot.XLabel(options.ColumnLabel);
        plot.YLabel(options.RowLabel);
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        double[] all = [.. values.Cast<double>().Where(double.IsFinite)];
        var (low, high) = (options.Low ?? (all.Length == 0 ? 0 : all.Min()), options.High ?? (all.Length == 0 ? 1 : all.Max()));
        map.ManualRange = new ScottPlot.Range(low, high > low ? high : low + 1);
        plot.Add.ColorBar(map);
        var size = Math.Max(values.GetLength(0), values.GetLength(1));
        if (size <= MaxWithValues)
        {
            // Viridis is light for high values and dark for low ones.
            WriteValues(plot, values, lightFrom: low + (0.65 * (high - low)));
        }

        if (size <= MaxWithNames)
        {
            WriteNames(plot, values, options);
        }
        else
        {
            // Rows are numbered from the top.
            var rows = values.GetLength(0);
            double[] ticks = [.. Enumerable.Range(0, rows).Where(i => i % 50 == 0).Select(i => (double)i)];
            plot.Axes.Left.SetTicks([.. ticks.Select(t => rows - 1 - t)], [.. ticks.Select(PlotStyle.Integer)]);
        }

        plot.Axes.Margins(0, 0);
        plot.HideGrid();
        return plot.GetImageBytes(900, 850, ImageFormat.Png);
    }

    private static void WriteValues(Plot plot, double[,] values, double lightFrom)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                var text = plot.Add.Text(values[r, c].ToString("0.00", CultureInfo.InvariantCulture), c, rows - 1 - r);
                text.LabelAlignment = Alignment.MiddleCenter;
                text.LabelFontSize = Math.Max(rows, columns) <= 10 ? 15 : 11;
                text.LabelFontColor = values[r, c] > lightFrom ? Colors.Black : Colors.White;
            }
        }
    }

    private static void WriteNames(Plot plot, double[,] values, MatrixPlotOptions options)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, rows).Select(i => (double)(rows - 1 - i))], Labels(options.RowNames, rows));
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, columns).Select(i => (double)i)], Labels(options.ColumnNames, columns));
        if (options.ColumnNames is not null)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = 40;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
            plot.Axes.Bottom.MinimumSize = 90;
        }

        static string[] Labels(IReadOnlyList<string>? names, int count) =>
            [.. Enumerable.Range(0, count).Select(i => names is null ? $"{i}" : PlotStyle.Shorten(names[i]))];
    }
}
