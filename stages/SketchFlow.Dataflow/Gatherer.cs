namespace SketchFlow.Dataflow;

/// <summary>The state of one gather stage in one run; one thread at a time uses it.</summary>
internal sealed class Gatherer(GatherStage stage, StageCounter counter, QueueCounter before, QueueCounter after, FlowExecution execution)
{
    private readonly List<Envelope> _pending = new(stage.Size);

    /// <summary>Takes a message; returns what can go on: a full group, a rejection, or nothing yet. Never throws.</summary>
    public Envelope? Take(Envelope envelope)
    {
        before.Leave();
        if (execution.Stopping)
        {
            execution.Drop(envelope);
            return null;
        }

        if (envelope.Rejection is not null)
        {
            after.Enter();
            return envelope;
        }

        if (envelope.Value is null)
        {
            return null;
        }

        counter.CountIn();
        _pending.Add(envelope);
        return _pending.Count == stage.Size ? Group() : null;
    }

    /// <summary>The last, smaller group, if there is one to go on. Never throws.</summary>
    public Envelope? Flush()
    {
        if (_pending.Count == 0)
        {
            return null;
        }

        if (!execution.Stopping && stage.Last == LastBatch.Keep)
        {
            return Group();
        }

        DropPending(leftOver: !execution.Stopping);
        return null;
    }

    private Envelope Group()
    {
        Envelope[] members = [.. _pending];
        _pending.Clear();
        var group = stage.Group(Array.ConvertAll(members, m => m.Value!));
        foreach (var member in members)
        {
            member.Value = null;
        }

        after.Enter();
        return new Envelope(members, group);
    }

    private void DropPending(bool leftOver = false)
    {
        foreach (var member in _pending)
        {
            execution.Drop(member, leftOver);
        }

        _pending.Clear();
    }
}
