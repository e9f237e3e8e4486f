using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SketchFlow.Dataflow.Description;

/// <summary>A flow as described: the source, the stages in order and the options.</summary>
internal sealed record FlowPlan(string Source, ItemSource Items, ImmutableArray<Stage> Stages, FlowOptions Options)
{
    /// <summary>Name of the sink in errors and reports.</summary>
    public const string Sink = "sink";

    /// <summary>Names that a further stage cannot have.</summary>
    public IEnumerable<string> TakenNames => Stages.Select(s => s.Name).Append(Source).Append(Sink);

    /// <summary>Fuses the stages into blocks. The last one is always a map segment, from which the sink takes.</summary>
    public ImmutableArray<Segment> Segments()
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        var batched = false;
        for (var i = 0; i < Stages.Length;)
        {
            if (Stages[i] is BatchStage batch)
            {
                segments.Add(new BatchSegment(batch, Options.MessagesPerWorker));
                batched = true;
                i++;
                continue;
            }

            var first = (MapStage)Stages[i];
            var fused = Stages.Skip(i).TakeWhile(s => s is MapStage map && map.Workers == first.Workers && map.Ordered == first.Ordered)
                .Cast<MapStage>().ToImmutableArray();
            // A batch is large and feeds a whole step of the sink, so a few finished ones are enough.
            var capacity = batched ? first.Workers + Options.Prefetch : first.Workers * Options.MessagesPerWorker;
            segments.Add(new MapSegment(string.Join(" + ", fused.Select(s => s.Name)), fused, first.Workers, first.Ordered, capacity));
            i += fused.Length;
        }

        if (segments.Count == 0)
        {
            segments.Add(new MapSegment(Source, [], 1, Ordered: true, Options.MessagesPerWorker));
        }

        return segments.ToImmutable();
    }

    /// <summary>Describes the flow in one line: source, blocks with their fused stages, workers and buffers, fault policy.</summary>
    public string Describe()
    {
        var text = new StringBuilder(Source);
        BatchStage? batch = null;
        foreach (var segment in Segments())
        {
            if (segment is BatchSegment gathering)
            {
                batch = gathering.Stage;
            }
            else if (segment is MapSegment { Stages.IsEmpty: false } map)
            {
                text.Append(" -> ").Append(map.Name).Append(" [");
                if (batch is not null)
                {
                    text.Append(batch.MaxDelay is { } delay
                        ? string.Create(CultureInfo.InvariantCulture, $"up to {batch.Size} per batch, within {delay.TotalMilliseconds:0.###} ms, ")
                        : $"{batch.Size} per batch, last {(batch.Last == LastBatch.Keep ? "kept" : "dropped")}, ");
                }

                text.Append($"{map.Workers} worker{(map.Workers == 1 ? "" : "s")}, {(map.Ordered ? "" : "unordered, ")}buffer {map.Capacity}]");
                batch = null;
            }
        }

        text.Append(Options.Faults == FaultPolicy.Stop ? "; stops at the first error" : "; rejects items that fail");
        return text.Append(Options.Background ? "; low priority" : "").ToString();
    }
}
