using SketchFlow.Dataflow.Description;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Collects the members of the batches of one batch stage in one run. One thread at a time uses it.</summary>
internal sealed class BatchGatherer(BatchStage stage, StageCounter counter, QueueCounter before, QueueCounter after, FlowExecution execution)
{
    private readonly List<Envelope> _pending = new(stage.Size);

    /// <summary>Takes a message. Never throws.</summary>
    /// <returns>The message to pass on: a full batch, a rejection, or null while the batch is not full.</returns>
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
        return _pending.Count == stage.Size ? Collect() : null;
    }

    /// <summary>Returns the last, smaller batch where there is one to pass on. Never throws.</summary>
    public Envelope? Flush()
    {
        if (_pending.Count == 0)
        {
            return null;
        }

        if (!execution.Stopping && stage.Last == LastBatch.Keep)
        {
            return Collect();
        }

        DropPending(leftOver: !execution.Stopping);
        return null;
    }

    private Envelope Collect()
    {
        Envelope[] members = [.. _pending];
        _pending.Clear();
        var batch = stage.Collect(Array.ConvertAll(members, m => m.Value!));
        foreach (var member in members)
        {
            member.Value = null;
        }

        after.Enter();
        return new Envelope(members, batch);
    }

    private void DropPending(bool leftOver)
    {
        foreach (var member in _pending)
        {
            execution.Drop(member, leftOver);
        }

        _pending.Clear();
    }
}
