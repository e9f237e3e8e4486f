using ScottPlot;

namespace SketchFlow.Reports.Plots;

/// <summary>One panel of a figure that shows up to 80 classes, with their names below.</summary>
/// <param name="Plot">The plot of the panel.</param>
/// <param name="First">First class.</param>
/// <param name="Last">Last class.</param>
internal sealed record ClassPanel(Plot Plot, int First, int Last)
{
    private const int MaxClasses = 80;
    private const int MinPitch = 18;
    private const int MaxPitch = 60;
    private const int TitleHeight = 46;
    private const int TopMargin = 12;
    private const int AxisTitleHeight = 34;

    /// <summary>Draws a figure of panels, one below the other, with one title.</summary>
    /// <param name="texts">Title of the figure, and titles of the vertical and the horizontal axis.</param>
    /// <param name="names">Class names.</param>
    /// <param name="size">Margins and height of the panels.</param>
    /// <param name="draw">Draws the classes of a panel, the first at position 0.</param>
    /// <returns>A PNG.</returns>
    public static byte[] Draw((string Title, string Vertical, string Horizontal) texts, IReadOnlyList<string> names, PanelSize size, Action<ClassPanel> draw)
    {
        var count = Math.Max(1, (names.Count + MaxClasses - 1) / MaxClasses);
        var perPanel = Math.Max(1, (names.Count + count - 1) / count);
        var pitch = Math.Clamp((size.MinWidth - size.Left - size.Right) / perPanel, MinPitch, MaxPitch);
        var width = Math.Max(size.MinWidth / 2, size.Left + size.Right + (pitch * perPanel));
        pitch = (width - size.Left - size.Right) / perPanel;
        var labels = new NameLabels(names);
        var figure = PlotStyle.NewFigure(count);
        var heights = new int[count];
        for (var p = 0; p < count; p++)
        {
            var isFirst = p == 0;
            var (first, last) = (p * perPanel, Math.Min(names.Count, (p + 1) * perPanel) - 1);
            var plot = PlotStyle.Apply(figure.GetPlot(p), isFirst ? texts.Title : "", texts.Horizontal, texts.Vertical);
            draw(new ClassPanel(plot, first, last));
            (double, int)[] positions = [.. Enumerable.Range(first, last - first + 1).Select(c => ((double)(c - first), c))];
            var below = (int)labels.ShowBelow(plot, positions, pitch) + 12 + AxisTitleHeight;

            // A last panel with fewer classes has bars of the same width.
            plot.Axes.SetLimitsX(-0.5, perPanel - 0.5);
            var top = isFirst ? TitleHeight : TopMargin;
            plot.Axes.Bottom.MinimumSize = below - 4;
            plot.Layout.Fixed(new PixelPadding(size.Left, size.Right, below, top));
            heights[p] = top + size.Height + below;
        }

        figure.Layout = new StackedPanels(heights);
        return figure.Render(width, heights.Sum()).GetImageBytes(ImageFormat.Png);
    }
}
