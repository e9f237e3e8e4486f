using System.Collections.Immutable;
using SketchFlow.Data.Images;

namespace SketchFlow.Inference;

/// <summary>Images in the order in which they were given; rejected ones keep their places, but have no pixels.</summary>
/// <remarks>Since rejected images stay in their batch, answers keep the order of the images without a list of rejections.</remarks>
internal sealed class PreparedBatch : IDisposable
{
    private PreparedBatch(ImmutableArray<(ImageInput Input, string? Error)> items, ImmutableArray<PixelBatch[]> groups) =>
        (Items, Groups) = (items, groups);

    /// <summary>The images, with the reasons of rejections.</summary>
    public ImmutableArray<(ImageInput Input, string? Error)> Items { get; }

    /// <summary>
    /// The pixels of the images that were not rejected, in groups that follow each other, and by size in each. Resized images are one group; others are
    /// one for each image.
    /// </summary>
    public ImmutableArray<PixelBatch[]> Groups { get; }

    /// <summary>Whether all images were rejected.</summary>
    public bool IsEmpty => Groups.IsEmpty;

    /// <summary>The pixels of resized images by size; empty if all were rejected.</summary>
    public PixelBatch[] Sizes => Groups is [var only] ? only : IsEmpty ? [] : throw new InvalidOperationException("The images were not resized.");

    /// <summary>Collects images; the caller keeps ownership of them.</summary>
    public static PreparedBatch Stack(IReadOnlyList<PreparedImage> images)
    {
        var usable = images.Where(i => i.Error is null).ToList();
        var isWhole = usable.Exists(i => i.IsWhole);
        return new PreparedBatch([.. images.Select(i => (i.Input, i.Error))], [.. usable.Chunk(isWhole ? 1 : Math.Max(1, usable.Count)).Select(StackSizes)]);
    }

    private static PixelBatch[] StackSizes(PreparedImage[] images) =>
        [.. Enumerable.Range(0, images[0].Sizes.Length).Select(s => PixelBatch.Stack([.. images.Select(i => i.Sizes[s])]))];

    /// <inheritdoc/>
    public void Dispose() => Groups.ToList().ForEach(group => Array.ForEach(group, s => s.Dispose()));
}
