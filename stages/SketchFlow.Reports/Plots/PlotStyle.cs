using System.Globalization;
using ScottPlot;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>Creates the plots, and has their colours, axis style and label formats.</summary>
/// <remarks>
/// The colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any kind of colour vision tell apart; curves also differ
/// in their markers.
/// </remarks>
internal static class PlotStyle
{
    /// <summary>Colour of values and of the first curve.</summary>
    public static readonly Color Good = Color.FromHex("#0072B2");

    /// <summary>Colour of the worst values, of errors and of the second curve.</summary>
    public static readonly Color Bad = Color.FromHex("#D55E00");

    /// <summary>Colour of differences, drawn over values.</summary>
    public static readonly Color Difference = Color.FromHex("#F4B183");

    /// <summary>Colour of intervals.</summary>
    public static readonly Color Quiet = Color.FromHex("#D9DEE4");

    /// <summary>Colour of frames, tick marks and counts.</summary>
    public static readonly Color Frame = Color.FromHex("#9AA5B1");

    /// <summary>Colour of text.</summary>
    public static readonly Color Ink = Color.FromHex("#2B2B2B");

    /// <summary>Size of titles.</summary>
    public const float TitleSize = 16;

    // ScottPlot gives a plot the font that is the default when the plot is created, and a Multiplot creates its first plot in its constructor.
    static PlotStyle() => ReportFonts.Register();

    /// <summary>Creates a plot with its title and the titles of its axes, with their units.</summary>
    public static Plot NewPlot(string title, string horizontal, string vertical) => Apply(new Plot(), title, horizontal, vertical);

    /// <summary>Creates a figure of several plots, which <see cref="Apply"/> must then style.</summary>
    public static Multiplot NewFigure(int plots)
    {
        var figure = new Multiplot();
        figure.AddPlots(plots);
        return figure;
    }

    /// <summary>Applies the style and the titles to a plot and returns it.</summary>
    public static Plot Apply(Plot plot, string title, string horizontal, string vertical)
    {
        plot.HideLegend();
        plot.FigureBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Color.FromHex("#E6E9ED");
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Title(title, TitleSize);
        plot.XLabel(horizontal, 14);
        plot.YLabel(vertical, 14);
        foreach (var label in new[] { plot.Axes.Title.Label, plot.Axes.Bottom.Label, plot.Axes.Left.Label })
        {
            Write(label, label.Text);
        }

        foreach (IAxis axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.FrameLineStyle.Color = Frame;
            axis.TickLabelStyle.ForeColor = Ink;
            axis.TickLabelStyle.FontSize = 13;
            axis.MajorTickStyle.Color = Frame;
            axis.MinorTickStyle.Length = 0;
        }

        return plot;
    }

    /// <summary>Puts the legend below the plot, where it covers no data.</summary>
    public static void LegendBelow(Plot plot)
    {
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.FontSize = 13;
        plot.Legend.FontColor = Ink;
        plot.ShowLegend(Edge.Bottom).Padding = new PixelPadding(0, 0, 0, 4);
    }

    /// <summary>Shows whole numbers only on the horizontal axis.</summary>
    public static void WholeNumbers(Plot plot) =>
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = Integer };

    /// <summary>Adds a curve with markers, or without them.</summary>
    public static void AddCurve(Plot plot, double[] x, double[] y, Color color, MarkerShape marker, string? legend = null)
    {
        var curve = plot.Add.Scatter(x, y, color);
        curve.LineWidth = 2;
        curve.MarkerShape = marker;
        curve.MarkerSize = marker == MarkerShape.None ? 0 : x.Length > 60 ? 5 : 8;
        if (legend is not null)
        {
            curve.LegendText = legend;
        }
    }

    /// <summary>Writes a text into a label, in a font that has its letters.</summary>
    public static void Write(LabelStyle label, string text)
    {
        var font = ReportFonts.For([text]);
        (label.Text, label.FontName, label.ForeColor) = (font.Fit(text), font.Name, Ink);

        // Fonts with much space below their letters have the same base line.
        label.OffsetY = font.SpaceBelow(label.FontSize);
    }

    /// <summary>Formats a whole number.</summary>
    public static string Integer(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
