using ScottPlot;

namespace SketchFlow.Reports.Plots;

/// <summary>Lays out the plots of a figure below each other, each with its own height.</summary>
/// <param name="heights">Height of each plot in pixels.</param>
internal sealed class StackedPanels(IReadOnlyList<int> heights) : IMultiplotLayout
{
    /// <inheritdoc/>
    public PixelRect[] GetSubplotRectangles(SubplotCollection subplots, PixelRect figureRect)
    {
        var (rectangles, top) = (new PixelRect[subplots.Count], figureRect.Top);
        for (var i = 0; i < rectangles.Length; i++)
        {
            rectangles[i] = new PixelRect(figureRect.Left, figureRect.Right, top + heights[i], top);
            top += heights[i];
        }

        return rectangles;
    }
}
