using System.Diagnostics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Description;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Applies the fused map stages of a block to its messages; all workers of the block call it.</summary>
internal sealed class MapWorker(MapSegment segment, StageCounter[] counters, QueueCounter before, QueueCounter after, FlowExecution execution)
{
    /// <summary>Applies the stages one after the other, until one rejects or fails. Never throws: a block that faults loses its queue.</summary>
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
        if (!stage.TakesBatches)
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
            envelope.Value = input;
            HandleFault(stage, counter, envelope, cause);
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

    private void HandleFault(MapStage stage, StageCounter counter, Envelope envelope, Exception cause)
    {
        // The flow's own token, not the type of the exception, distinguishes cancellation from a fault: TPL Dataflow would silently drop the
        // item for any OperationCanceledException.
        if (execution.IsCancellation(cause))
        {
            execution.Drop(envelope);
        }
        else if (execution.Options.Faults == FaultPolicy.Reject)
        {
            counter.CountRejected();
            var input = envelope.Value;
            envelope.Rejection = envelope.Reject($"{stage.Name}: {Reason(cause)}");
            envelope.Value = null;
            execution.Release(input, kept: null, stage.Name, envelope);
        }
        else
        {
            execution.Fail(stage.Name, envelope, cause);
            execution.Drop(envelope);
        }
    }

    private static string Reason(Exception cause)
    {
        var line = cause.Message.Split('\n', 2)[0].Trim();
        return line.Length > 0 ? line : cause.GetType().Name;
    }
}
