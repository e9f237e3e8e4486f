using System.Diagnostics;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow;

/// <summary>What a block of fused map stages does to a message; called from all its workers.</summary>
internal sealed class Worker(MapSegment segment, StageCounter[] counters, QueueCounter before, QueueCounter after, FlowExecution execution)
{
    /// <summary>Applies the stages in turn, until one rejects or fails. Never throws: a block that faults loses its queue.</summary>
    public Envelope Process(Envelope envelope)
    {
        before.Leave();
        var time = Stopwatch.GetTimestamp();
        for (var i = 0; i < counters.Length && envelope.Value is not null; i++)
        {
            if (execution.Stopping)
            {
                execution.Drop(envelope);
                break;
            }

            Apply(segment.Stages[i], counters[i], envelope);
            var now = Stopwatch.GetTimestamp();
            counters[i].AddBusy(now - time);
            time = now;
        }

        after.Enter();
        return envelope;
    }

    private void Apply(MapStage stage, StageCounter counter, Envelope envelope)
    {
        if (!stage.OfGroups)
        {
            counter.CountIn();
        }

        var input = envelope.Value;
        try
        {
            var outcome = stage.Apply(input!);
            envelope.Rejection = outcome.Rejection;
            envelope.Value = outcome.Rejection is null
                ? outcome.Value ?? throw new InvalidOperationException("The stage returned null.")
                : null;
        }
        catch (Exception cause)
        {
            // Cancellation is told from a fault by the flow's own token, not by the exception's type: TPL Dataflow
            // would drop the item silently for any OperationCanceledException.
            envelope.Value = input;
            if (execution.CancelledBy(cause))
            {
                execution.Drop(envelope);
            }
            else if (execution.Options.Faults == FaultPolicy.Reject)
            {
                counter.CountRejected();
                envelope.Rejection = envelope.Reject($"{stage.Name}: {Reason(cause)}");
                envelope.Value = null;
                execution.Release(input, kept: null, stage.Name, envelope);
            }
            else
            {
                execution.Fail(stage.Name, envelope, cause);
                execution.Drop(envelope);
            }

            return;
        }

        if (envelope.Rejection is null)
        {
            counter.CountOut();
        }
        else
        {
            counter.CountRejected();
        }

        execution.Release(input, kept: envelope.Value, stage.Name, envelope);
    }

    private static string Reason(Exception cause)
    {
        var line = cause.Message.Split('\n', 2)[0].Trim();
        return line.Length > 0 ? line : cause.GetType().Name;
    }
}
