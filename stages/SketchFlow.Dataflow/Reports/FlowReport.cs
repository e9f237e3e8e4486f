using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Dataflow.Description;

namespace SketchFlow.Dataflow.Reports;

/// <summary>Counts and times of one run. Read = processed + rejected + dropped; a run whose counts differ from that throws.</summary>
public sealed record FlowReport
{
    /// <summary>Description of the flow in one line.</summary>
    public required string Flow { get; init; }

    /// <summary>The way in which the run ended.</summary>
    public required FlowOutcome End { get; init; }

    /// <summary>Number of items read from the source.</summary>
    public required long Read { get; init; }

    /// <summary>Number of source items in the values that the sink has processed.</summary>
    public required long Processed { get; init; }

    /// <summary>Number of rejected items, whether or not there was a receiver for them.</summary>
    public required long Rejected { get; init; }

    /// <summary>Number of items disposed on the way; in a complete run these are the <see cref="LeftOver"/> alone.</summary>
    public required long Dropped { get; init; }

    /// <summary>Number of the dropped items that belong to a last batch under <see cref="LastBatch.Drop"/>.</summary>
    public required long LeftOver { get; init; }

    /// <summary>Time from the start to the end.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time that the source spent making items.</summary>
    public required TimeSpan SourceBusy { get; init; }

    /// <summary>Time that the source waited for room: long where a stage or the sink is the slow one.</summary>
    public required TimeSpan SourceWait { get; init; }

    /// <summary>Time that the calling thread spent between taking a value and requesting the next.</summary>
    public required TimeSpan SinkBusy { get; init; }

    /// <summary>Time that the calling thread waited for data: long where the stages are the slow ones.</summary>
    public required TimeSpan SinkWait { get; init; }

    /// <summary>The stages, in order.</summary>
    public required ImmutableArray<StageReport> Stages { get; init; }

    /// <summary>The queues: one before every block, and one before the sink.</summary>
    public required ImmutableArray<QueueReport> Queues { get; init; }

    /// <summary>Whether the run was cancelled before its end.</summary>
    public bool Cancelled => End == FlowOutcome.Cancelled;

    /// <summary>Source items per second, processed or rejected.</summary>
    public double ItemsPerSecond => Elapsed > TimeSpan.Zero ? (Processed + Rejected) / Elapsed.TotalSeconds : 0;

    /// <summary>
    /// Name of the part that limits the rate: the one of source, blocks and sink that was busiest per worker; of a block's fused stages, the
    /// one that took most time.
    /// </summary>
    public string Bottleneck
    {
        get
        {
            var (source, sink) = Queues.IsEmpty ? ("source", "sink") : (Queues[0].From, Queues[^1].To);
            var best = (Name: source, Busy: SourceBusy);
            if (SinkBusy > best.Busy)
            {
                best = (sink, SinkBusy);
            }

            foreach (var block in Stages.GroupBy(s => s.Block))
            {
                var busy = block.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Busy) / block.First().Workers;
                if (busy > best.Busy)
                {
                    best = (block.MaxBy(s => s.Busy)!.Name, busy);
                }
            }

            return best.Name;
        }
    }

    /// <summary>Prints the counts, such as <c>read 2358 = processed 2350 + rejected 8</c>.</summary>
    public override string ToString() =>
        $"read {Read} = processed {Processed} + rejected {Rejected}" + (Dropped > 0 ? $" + dropped {Dropped}" : "") +
        (End == FlowOutcome.Complete ? "" : $" ({End.ToString().ToLowerInvariant()})");

    /// <summary>Checks the conservation of items.</summary>
    /// <returns>This report.</returns>
    /// <exception cref="UnreachableException">An item was lost or counted twice: an error in the flow itself.</exception>
    internal FlowReport CheckConservation()
    {
        if (Read != Processed + Rejected + Dropped || (End == FlowOutcome.Complete && Dropped != LeftOver))
        {
            throw new UnreachableException($"Items do not add up: {this}, left over {LeftOver}, in {Flow}.");
        }

        return this;
    }
}
