using System.Collections.Immutable;

namespace SketchFlow.Learning.Explanation;

/// <summary>Chooses the pixels that ROAD removes, by percentiles of the relevance (pytorch-grad-cam's <c>perturbation_confidence.py</c>).</summary>
internal static class RoadRemoval
{
    /// <summary>The percentiles of the relevance at which pixels are removed.</summary>
    public static ImmutableArray<int> Percentiles { get; } = [20, 40, 60, 80];

    /// <summary>Returns which pixels are kept: those below the percentile. Pixels of equal relevance are kept or removed together.</summary>
    /// <param name="relevance">Relevance of each pixel, 0 to 1.</param>
    /// <param name="percentile">The percentile, 0 to 100, interpolated linearly.</param>
    /// <param name="isMostFirst">Whether the most relevant pixels are removed; else the least relevant ones are.</param>
    public static bool[] FindKept(float[] relevance, int percentile, bool isMostFirst)
    {
        float[] order = isMostFirst ? relevance : [.. relevance.Select(value => 1 - value)];
        float[] sorted = [.. order.Order()];
        var place = percentile / 100.0 * (sorted.Length - 1);
        var (low, high) = (sorted[(int)place], sorted[Math.Min((int)place + 1, sorted.Length - 1)]);
        var threshold = low + ((high - low) * (place - Math.Floor(place)));
        return [.. order.Select(value => value < threshold)];
    }
}
