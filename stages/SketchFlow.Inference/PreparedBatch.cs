using System.Collections.Immutable;
using SketchFlow.Data.Images;

namespace SketchFlow.Inference;

/// <summary>Images in the order in which they were given; rejected ones keep their places, but have no pixels.</summary>
/// <remarks>Since rejected images stay in their batch, answers keep the order of the images without a list of rejections.</remarks>
internal sealed class PreparedBatch : IDisposable
{
    private PreparedBatch(ImmutableArray<(ImageInput Input, string? Error)> items, PixelBatch[] sizes) => (Items, Sizes) = (items, sizes);

    /// <summary>The images, with the reasons of rejections.</summary>
    public ImmutableArray<(ImageInput Input, string? Error)> Items { get; }

    /// <summary>The pixels of the images that were not rejected, by size; empty if all were.</summary>
    public PixelBatch[] Sizes { get; }

    /// <summary>Collects images; the caller keeps ownership of them.</summary>
    public static PreparedBatch Stack(IReadOnlyList<PreparedImage> images)
    {
        var usable = images.Where(i => i.Error is null).ToList();
        return new PreparedBatch(
            [.. images.Select(i => (i.Input, i.Error))],
            usable.Count == 0 ? [] : [.. Enumerable.Range(0, usable[0].Sizes.Length).Select(s => PixelBatch.Stack([.. usable.Select(i => i.Sizes[s])]))]);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(Sizes, s => s.Dispose());
}
