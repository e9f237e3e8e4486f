using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Dataflow;

namespace SketchFlow.Pipeline.Training;

/// <summary>The batches of one epoch from a running flow, each with its position in the order of the epoch.</summary>
/// <param name="run">The running flow.</param>
/// <param name="order">The training images in the order of the epoch.</param>
/// <param name="start">Number of images of this order that were finished before.</param>
public sealed class EpochBatches(FlowRun<PixelBatch> run, ImmutableArray<Sample> order, int start) : IDisposable
{
    private int _position = start;

    /// <summary>Number of images in the order of the epoch.</summary>
    public int Length => order.Length;

    /// <summary>Time spent waiting for data so far.</summary>
    public TimeSpan Waited => run.Waited;

    /// <summary>Waits for the next batch.</summary>
    /// <param name="batch">The batch, valid until the next call.</param>
    /// <param name="position">Number of images of the order that are finished after this batch: trained on or rejected.</param>
    /// <returns>False at the end of the epoch.</returns>
    public bool TryTake([MaybeNullWhen(false)] out PixelBatch batch, out int position)
    {
        var taken = run.TryTake(out batch);
        if (taken)
        {
            var last = batch!.Samples[^1].Id;
            while (order[_position++].Id != last)
            {
                // An image of the order that is not in the batch was rejected.
            }
        }

        position = _position;
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose() => run.Dispose();
}
