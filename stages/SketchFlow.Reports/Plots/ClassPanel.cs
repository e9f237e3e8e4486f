using ScottPlot;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Reports.Plots;

/// <summary>One panel of a figure that shows up to a hundred classes.</summary>
/// <param name="Plot">The plot of the panel.</param>
/// <param name="First">First class.</param>
/// <param name="Last">Last class.</param>
internal sealed record ClassPanel(Plot Plot, int First, int Last)
{
    /// <summary>Highest number of classes in a panel.</summary>
    public const int MaxClasses = 100;

    /// <summary>Divides a figure into styled panels, one below the other, with one title.</summary>
    public static List<ClassPanel> Divide(Multiplot figure, string title, int classes)
    {
        ReportFonts.Register();
        var count = (classes + MaxClasses - 1) / MaxClasses;
        figure.AddPlots(count);
        figure.Layout = new ScottPlot.MultiplotLayouts.Rows();
        var panels = Enumerable.Range(0, count)
            .Select(p => new ClassPanel(PlotStyle.Apply(figure.GetPlot(p)), p * MaxClasses, Math.Min(classes, (p + 1) * MaxClasses) - 1)).ToList();
        if (count > 0)
        {
            panels[0].Plot.Title(title, 18);
        }

        return panels;
    }
}
