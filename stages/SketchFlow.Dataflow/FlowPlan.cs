using System.Collections.Immutable;
using System.Text;

namespace SketchFlow.Dataflow;

/// <summary>A flow as described: the source, the stages in order and the options.</summary>
internal sealed record FlowPlan(string Source, IEnumerable<object> Items, ImmutableArray<Stage> Stages, FlowOptions Options)
{
    public const string Sink = "sink";

    /// <summary>The names taken.</summary>
    public IEnumerable<string> Names => Stages.Select(s => s.Name).Append(Source).Append(Sink);

    /// <summary>The blocks. There is always a last map segment, which the sink takes from.</summary>
    public ImmutableArray<Segment> Segments()
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        var batched = false;
        for (var i = 0; i < Stages.Length;)
        {
            if (Stages[i] is GatherStage gather)
            {
                segments.Add(new GatherSegment(gather, Options.MessagesPerWorker));
                batched = true;
                i++;
                continue;
            }

            var first = (MapStage)Stages[i];
            var fused = Stages.Skip(i).TakeWhile(s => s is MapStage map && map.Workers == first.Workers && map.Ordered == first.Ordered)
                .Cast<MapStage>().ToImmutableArray();
            // A batch is large and worth a whole step of the sink: a few ready ones are enough.
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

    public string Describe()
    {
        var text = new StringBuilder(Source);
        GatherSegment? gathered = null;
        foreach (var segment in Segments())
        {
            if (segment is GatherSegment gather)
            {
                gathered = gather;
                continue;
            }

            var map = (MapSegment)segment;
            if (map.Stages.IsEmpty)
            {
                continue;
            }

            text.Append(" -> ").Append(map.Name).Append(" [");
            if (gathered is { Stage: var batch })
            {
                text.Append($"{batch.Size} a batch, the last {(batch.Last == LastBatch.Keep ? "kept" : "dropped")}, ");
            }

            text.Append($"{map.Workers} worker{(map.Workers == 1 ? "" : "s")}, {(map.Ordered ? "" : "unordered, ")}holds {map.Capacity}]");
            gathered = null;
        }

        return text.Append(Options.Faults == FaultPolicy.Stop ? "; faults stop" : "; faults reject").Append(Options.Background ? "; in the background" : "").ToString();
    }
}
