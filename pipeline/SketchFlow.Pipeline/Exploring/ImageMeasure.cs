using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>A measured value of images that has a histogram and outliers.</summary>
/// <param name="Name">Name of the measure.</param>
/// <param name="Unit">Unit of the value; empty where it has none.</param>
/// <param name="LeastSpread">Smallest interquartile range by which outliers are judged, so that equal images have none that nobody would notice.</param>
/// <param name="Value">Returns the value of an image.</param>
internal sealed record ImageMeasure(string Name, string Unit, double LeastSpread, Func<ExploredImage, double> Value)
{
    /// <summary>Distance from the quartiles from which on a value is an outlier, in interquartile ranges (Tukey's outer fences).</summary>
    public const double Fence = 3;

    // More images than this share are another kind of image, which the histogram shows, and no outliers.
    private const double MostOutliers = 0.05;

    /// <summary>All measures in the order of the page.</summary>
    public static ImmutableArray<ImageMeasure> All { get; } =
    [
        new("longer side", "pixels", 16, i => Math.Max(i.Measures.Width, i.Measures.Height)),
        new("aspect", "width / height", 0.05, i => i.Measures.Aspect),
        new("brightness", "0 black, 1 white", 0.02, i => i.Measures.Brightness),
        new("contrast", "standard deviation, 0 to 0.5", 0.02, i => i.Measures.Contrast),
        new("ink share", "of the pixels", 0.01, i => i.Measures.InkShare),
        new("stroke width", "pixels", 0.5, i => i.Measures.StrokeWidth),
    ];

    /// <summary>Finds the values that are far from those of most images.</summary>
    /// <param name="images">All images.</param>
    /// <returns>For each image its outliers, the farthest first.</returns>
    public static ImmutableArray<ImmutableArray<ImageOutlier>> FindOutliers(IReadOnlyList<ExploredImage> images)
    {
        var found = images.Select(_ => new List<ImageOutlier>()).ToList();
        foreach (var measure in All.Where(_ => images.Count > 0))
        {
            double[] values = [.. images.Select(measure.Value)];
            double[] sorted = [.. values.Order()];
            var (low, high) = (Quantile(sorted, 0.25), Quantile(sorted, 0.75));
            var spread = Math.Max(high - low, measure.LeastSpread);
            double[] distances = Array.ConvertAll(values, v => v < low ? (v - low) / spread : v > high ? (v - high) / spread : 0);
            foreach (var side in (double[])[-1, 1])
            {
                int[] far = [.. Enumerable.Range(0, values.Length).Where(i => side * distances[i] > Fence)];
                foreach (var i in far.Where(_ => far.Length <= Math.Max(3, MostOutliers * values.Length)))
                {
                    found[i].Add(new ImageOutlier(measure.Name, values[i], distances[i]));
                }
            }
        }

        return [.. found.Select(o => (ImmutableArray<ImageOutlier>)[.. o.OrderByDescending(x => Math.Abs(x.Distance))])];
    }

    /// <summary>Returns a quantile by linear interpolation.</summary>
    /// <param name="sorted">At least one value, ascending.</param>
    /// <param name="share">Share of the values below it, 0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        var at = share * (sorted.Count - 1);
        var below = (int)at;
        return below + 1 < sorted.Count ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
