using System.Globalization;
using ScottPlot;

namespace SketchFlow.Reports.Plots;

/// <summary>A matrix as a heat map with the names of rows and columns, first row at the top.</summary>
public static class MatrixPlot
{
    private const int MaxWithValues = 20;
    private const int MinLabelPitch = 13;
    private const int ColorBarWidth = 110;
    private const int TitleHeight = 46;

    /// <summary>Draws the matrix; up to 20 rows and columns with values. If there are too many names for the picture, only some are written.</summary>
    /// <param name="values">Values by row and column.</param>
    /// <param name="options">Labels and colour range.</param>
    /// <returns>A PNG, at most about 2,000 px wide and high.</returns>
    public static byte[] Draw(double[,] values, MatrixPlotOptions options)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(options);
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        var size = Math.Max(1, Math.Max(rows, columns));

        // Whole pixels per cell, so that all cells are equally large.
        var cell = size <= 10 ? Math.Clamp(600 / size, 56, 450) : size <= MaxWithValues ? 46 : Math.Clamp(1700 / size, 1, 28);
        var every = (MinLabelPitch + cell - 1) / cell;
        var note = every > 1 ? $" (every {every}th is named)" : "";
        var plot = PlotStyle.NewPlot(options.Title, options.ColumnLabel + note, options.RowLabel + note);
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        double[] all = [.. values.Cast<double>().Where(double.IsFinite)];
        var (low, high) = (options.Low ?? (all.Length == 0 ? 0 : all.Min()), options.High ?? (all.Length == 0 ? 1 : all.Max()));
        map.ManualRange = new ScottPlot.Range(low, high > low ? high : low + 1);
        AddColorBar(plot, map, options.ValueLabel);
        if (size <= MaxWithValues)
        {
            // Viridis is light for high values and dark for low ones.
            WriteValues(plot, values, options.Format, lightFrom: low + (0.65 * (high - low)));
        }

        var pitch = (float)cell * every;
        var left = new NameLabels(options.RowNames).ShowLeft(plot, Positions(rows, every, i => rows - 1 - i), pitch) + 46;
        var below = new NameLabels(options.ColumnNames).ShowBelow(plot, Positions(columns, every, i => i), pitch) + 46;
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);
        plot.HideGrid();
        plot.Axes.Bottom.MinimumSize = below - 4;
        plot.Layout.Fixed(new PixelPadding(left, ColorBarWidth, below, TitleHeight));
        return plot.GetImageBytes((int)left + (cell * columns) + ColorBarWidth, (int)below + (cell * rows) + TitleHeight, ImageFormat.Png);
    }

    /// <summary>Adds the scale of colours with its title.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="map">The heat map.</param>
    /// <param name="title">Title with the unit.</param>
    internal static void AddColorBar(Plot plot, ScottPlot.Plottables.Heatmap map, string title)
    {
        var bar = plot.Add.ColorBar(map);
        bar.Width = 20;
        (bar.Axis.Label.FontSize, bar.Axis.TickLabelStyle.FontSize, bar.Axis.MinorTickStyle.Length) = (14, 12, 0);
        PlotStyle.Write(bar.Axis.Label, title);
        bar.Axis.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { TickDensity = 0.3 };
    }

    private static (double, int)[] Positions(int count, int every, Func<int, int> position) =>
        [.. Enumerable.Range(0, count).Where(i => i % every == 0).Select(i => ((double)position(i), i))];

    private static void WriteValues(Plot plot, double[,] values, string format, double lightFrom)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                var text = plot.Add.Text(values[r, c].ToString(format, CultureInfo.InvariantCulture), c, rows - 1 - r);
                text.LabelAlignment = Alignment.MiddleCenter;
                text.LabelFontSize = Math.Max(rows, columns) <= 10 ? 15 : 12;
                text.LabelFontColor = values[r, c] > lightFrom ? Colors.Black : Colors.White;
            }
        }
    }
}
