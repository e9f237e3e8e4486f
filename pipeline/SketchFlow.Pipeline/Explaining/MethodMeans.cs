using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>Means over the maps of a method.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Maps">Number of maps.</param>
/// <param name="Deletion">Mean probability while relevant pixels are deleted.</param>
/// <param name="Insertion">Mean probability while relevant pixels are inserted.</param>
/// <param name="Faithfulness">Insertion minus deletion.</param>
/// <param name="Road">Score by removing and filling pixels.</param>
/// <param name="Inside">Share of the relevance inside the drawing's bounding box.</param>
/// <param name="Box">Share of the image that the box takes.</param>
internal sealed record MethodMeans(string Method, int Maps, double Deletion, double Insertion, double Faithfulness, double Road, double Inside, double Box)
{
    /// <summary>Computes the means of each method, in the order of the maps.</summary>
    public static ImmutableArray<MethodMeans> Compute(IReadOnlyList<ExplainedImage> images) =>
    [
        .. images.SelectMany(image => image.Maps.Select(map => (image.Box, Map: map))).GroupBy(pair => pair.Map.Name, StringComparer.Ordinal)
            .Select(group => new MethodMeans(
                group.Key,
                group.Count(),
                group.Average(pair => pair.Map.Faithfulness.Deletion),
                group.Average(pair => pair.Map.Faithfulness.Insertion),
                group.Average(pair => pair.Map.Faithfulness.Score),
                group.Average(pair => pair.Map.Road.Score),
                group.Average(pair => pair.Map.Inside),
                group.Average(pair => pair.Box))),
    ];
}
