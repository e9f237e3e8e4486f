using System.Collections.Immutable;
using System.Diagnostics;

namespace SketchFlow.Dataflow;

/// <summary>What a run did. Read = processed + rejected + dropped; making a report in which they differ throws.</summary>
public sealed record FlowReport
{
    /// <summary>The flow's description.</summary>
    public required string Flow { get; init; }

    /// <summary>How the run ended.</summary>
    public required FlowEnd End { get; init; }

    /// <summary>Items read from the source.</summary>
    public required long Read { get; init; }

    /// <summary>Source items in the values that the sink has dealt with.</summary>
    public required long Processed { get; init; }

    /// <summary>Items given to <c>onRejected</c> (or that would have been, had there been one).</summary>
    public required long Rejected { get; init; }

    /// <summary>Items disposed on the way: 0 for a run that came to its end, but for <see cref="LeftOver"/>.</summary>
    public required long Dropped { get; init; }

    /// <summary>Those of the dropped that <see cref="LastBatch.Drop"/> asked for.</summary>
    public required long LeftOver { get; init; }

    /// <summary>From the start to the end.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time that the source spent making items.</summary>
    public required TimeSpan SourceBusy { get; init; }

    /// <summary>Time that the source waited for room: long where a stage or the sink is the slow one.</summary>
    public required TimeSpan SourceWait { get; init; }

    /// <summary>Time that the calling thread spent between taking a value and asking for the next.</summary>
    public required TimeSpan SinkBusy { get; init; }

    /// <summary>Time that the calling thread waited for data: long where the stages are the slow ones.</summary>
    public required TimeSpan SinkWait { get; init; }

    /// <summary>Each stage, in order.</summary>
    public required ImmutableArray<StageReport> Stages { get; init; }

    /// <summary>Each queue: one before every block, and one before the sink.</summary>
    public required ImmutableArray<QueueReport> Queues { get; init; }

    /// <summary>The run was cancelled before its end.</summary>
    public bool Cancelled => End == FlowEnd.Cancelled;

    /// <summary>Source items per second, processed or rejected.</summary>
    public double ItemsPerSecond => Elapsed > TimeSpan.Zero ? (Processed + Rejected) / Elapsed.TotalSeconds : 0;

    /// <summary>
    /// The name of what limits the rate: whichever of source, blocks and sink was busiest for its number of workers; of a
    /// block's fused stages, the one that took most time.
    /// </summary>
    public string Bottleneck
    {
        get
        {
            var (source, sink) = (Queues.IsEmpty ? "source" : Queues[0].From, FlowPlan.Sink);
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

    /// <summary>The counts, such as <c>read 2358 = processed 2350 + rejected 8</c>.</summary>
    public override string ToString() =>
        $"read {Read} = processed {Processed} + rejected {Rejected}" + (Dropped > 0 ? $" + dropped {Dropped}" : "") +
        (End == FlowEnd.Complete ? "" : $" ({End.ToString().ToLowerInvariant()})");

    /// <summary>The conservation of items.</summary>
    /// <exception cref="UnreachableException">An item was lost or counted twice: an error in the flow itself.</exception>
    internal FlowReport Checked()
    {
        if (Read != Processed + Rejected + Dropped || (End == FlowEnd.Complete && Dropped != LeftOver))
        {
            throw new UnreachableException($"Items do not add up: {this}, left over {LeftOver}, in {Flow}.");
        }

        return this;
    }
}
