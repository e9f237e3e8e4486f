using System.Globalization;
using ScottPlot;

namespace SketchFlow.Reports.Plots;

/// <summary>Colours, axis style and label formats of the plots.</summary>
internal static class PlotStyle
{
    /// <summary>Colour of values.</summary>
    public static readonly Color Good = Color.FromHex("#4C78A8");

    /// <summary>Colour of the worst values and of errors.</summary>
    public static readonly Color Bad = Color.FromHex("#D62728");

    /// <summary>Colour of intervals.</summary>
    public static readonly Color Quiet = Color.FromHex("#D9DEE4");

    /// <summary>Colour of frames, tick marks and counts.</summary>
    public static readonly Color Frame = Color.FromHex("#9AA5B1");

    /// <summary>Colour of text.</summary>
    public static readonly Color Ink = Color.FromHex("#2B2B2B");

    private const int MaxNameLength = 18;

    /// <summary>Applies the style to a plot and returns it.</summary>
    public static Plot Apply(Plot plot)
    {
        plot.FigureBackground.Color = Colors.White;
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Grid.MajorLineColor = Color.FromHex("#E6E9ED");
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
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

    /// <summary>Shortens a class name to 18 characters.</summary>
    public static string Shorten(string name) => name.Length <= MaxNameLength ? name : name[..(MaxNameLength - 1)] + "…";

    /// <summary>Formats a whole number.</summary>
    public static string Integer(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
