using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>The batch norm of a model whose feature map is smallest: it has the fewest values per channel.</summary>
/// <param name="Layer">Dotted name of the layer.</param>
/// <param name="ValuesPerImage">Number of values per channel of one image: height × width of the map.</param>
public sealed record BatchNormMap(string Layer, long ValuesPerImage)
{
    /// <summary>Finds the batch norm with the smallest map among those that use the batch's statistics; null if there is none. Requires libtorch.</summary>
    /// <param name="architecture">Architecture at the image size of training.</param>
    /// <param name="frozenBelow">First layer group that learns: batch norms of frozen groups keep their running statistics.</param>
    public static BatchNormMap? FindSmallest(Architecture architecture, int frozenBelow = 0)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        const string Mean = ".running_mean";
        var names = architecture.Tensors
            .Where(t => t.LayerGroup >= frozenBelow && t.Name.EndsWith(Mean, StringComparison.Ordinal))
            .Select(t => t.Name[..^Mean.Length])
            .ToHashSet(StringComparer.Ordinal);
        return names.Count == 0
            ? null
            : FlopCounter.Count(architecture).Layers
                .Where(l => l.Kind == LayerKind.Normalization && names.Contains(l.Name))
                .Select(l => new BatchNormMap(l.Name, l.Output.Skip(2).Aggregate(1L, (product, side) => product * side)))
                .MinBy(m => m.ValuesPerImage);
    }

    /// <summary>Returns whether a batch of this size has more than one value per channel in every part of it.</summary>
    /// <param name="images">Number of images per batch.</param>
    /// <param name="parts">Number of parts into which the batch is split (gradient accumulation).</param>
    public bool Allows(int images, int parts = 1) => images == 0 || SmallestPart(images, parts) * ValuesPerImage > 1;

    /// <summary>Returns the number of images in the smallest part of a batch.</summary>
    /// <param name="images">Number of images per batch.</param>
    /// <param name="parts">Number of parts into which the batch is split; at most one per image.</param>
    public static int SmallestPart(int images, int parts) => images / Math.Clamp(parts, 1, Math.Max(1, images));
}
