using SketchFlow.Dataflow.Description;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Collects the members of the batches of one batch stage in one run.</summary>
/// <remarks>Messages come from one thread at a time; a timer and the thread of the sink may end the wait of a batch at the same time.</remarks>
internal sealed class BatchGatherer(BatchStage stage, StageCounter counter, QueueCounter before, QueueCounter after, FlowExecution execution)
{
    private readonly List<Envelope> _pending = new(stage.Size);
    private readonly Lock _lock = new();
    private Timer? _timer;
    private bool _isDue, _isEnded;
    private long _passed;

    /// <summary>Sends a message to the next block without waiting; returns false where it has no room.</summary>
    public Func<Envelope, bool> Post { get; set; } = _ => false;

    /// <summary>Takes a message. Never throws.</summary>
    /// <returns>The message to pass on: a full batch, a rejection, or null while the batch is not full.</returns>
    public Envelope? Take(Envelope envelope)
    {
        lock (_lock)
        {
            var ready = Gather(envelope);
            _passed += ready?.Count ?? 0;
            if (ready is null && _pending.Count == 1 && stage.MaxDelay is { } delay)
            {
                StartDelay(delay);
            }

            return ready;
        }
    }

    /// <summary>Passes on a batch that has waited long enough, now that the sink waits for one. Never throws.</summary>
    public void OnSinkIdle()
    {
        if (stage.MaxDelay is not null)
        {
            lock (_lock)
            {
                PassWhereDue();
            }
        }
    }

    private void StartDelay(TimeSpan delay)
    {
        if (delay == TimeSpan.Zero)
        {
            OnDelayEnd();
            return;
        }

        // The timer of an earlier batch, which was full before, must not end the delay of this one.
        _timer?.Dispose();
        var timer = new Timer(own =>
        {
            lock (_lock)
            {
                if (ReferenceEquals(own, _timer))
                {
                    OnDelayEnd();
                }
            }
        });
        _timer = timer;
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void OnDelayEnd()
    {
        _isDue = true;
        PassWhereDue();
    }

    private void PassWhereDue()
    {
        if (!_isDue || _isEnded || _pending.Count == 0 || execution.Stopping || !execution.IsIdle(_passed))
        {
            return;
        }

        var batch = Collect();
        _passed += batch.Count;
        // The next blocks are empty, so that there is room.
        if (!Post(batch))
        {
            execution.Drop(batch);
        }
    }

    private Envelope? Gather(Envelope envelope)
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
        lock (_lock)
        {
            _isEnded = true;
            _timer?.Dispose();
            return FlushPending();
        }
    }

    private Envelope? FlushPending()
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
        _isDue = false;
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
