using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Decodes and resizes images of a data set on all cores, batch by batch.</summary>
internal static class PreparedRows
{
    // Feature maps of large networks have to fit into memory.
    private const int PerBatch = 8;

    /// <summary>Prepares the images. Rejected ones are left out of both parts of a pair.</summary>
    /// <param name="decode">Settings of the decoder.</param>
    /// <param name="sizes">Sizes and treatments of the aspect ratio.</param>
    /// <param name="samples">The images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The usable images of a batch, and the batch, which the caller disposes; batches without one are skipped.</returns>
    public static IEnumerable<(ImmutableArray<Sample> Samples, PreparedBatch Batch)> Prepare(
        DecodeOptions decode, IReadOnlyList<PadResizeOptions> sizes, IEnumerable<Sample> samples, CancellationToken cancellation)
    {
        foreach (var chunk in samples.Chunk(PerBatch))
        {
            cancellation.ThrowIfCancellationRequested();
            PreparedImage[] images = [.. chunk.AsParallel().AsOrdered().Select(sample => PreparedImage.Create(decode, sizes, sample))];
            ImmutableArray<Sample> usable = [.. chunk.Zip(images).Where(p => p.Second.Error is null).Select(p => p.First)];
            var batch = PreparedBatch.Stack(images);
            Array.ForEach(images, image => image.Dispose());
            if (usable.IsEmpty)
            {
                batch.Dispose();
                continue;
            }

            yield return (usable, batch);
        }
    }
}
