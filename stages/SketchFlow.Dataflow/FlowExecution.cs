using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow;

/// <summary>One run of a plan: the pump that reads the source, what stops the run, the counts, and the sink's end.</summary>
/// <remarks>
/// Stopping is a flag that every delegate looks at: messages go on through the blocks, but are disposed instead of worked on,
/// until the blocks complete in the ordinary way. So nothing can be stuck and nothing is lost undisposed.
/// </remarks>
internal sealed class FlowExecution
{
    private readonly FlowPlan _plan;
    private readonly Action<Rejected>? _onRejected;
    private readonly CancellationToken _cancellation;
    private readonly Network _network;
    private readonly Task _pump;
    private readonly ImmutableArray<Segment> _segments;
    private readonly QueueCounter[] _queues;
    private readonly Dictionary<string, StageCounter> _counters;
    private readonly long _started = Stopwatch.GetTimestamp();

    private Failure? _failure;
    private volatile bool _stop;
    private bool _exhausted;
    private long _read, _dropped, _leftOver, _sourceBusy, _sourceWait;

    // Of the sink's thread only.
    private Envelope? _current;
    private long _processed, _rejected, _sinkBusy, _sinkWait, _taken;
    private FlowReport? _report;

    public FlowExecution(FlowPlan plan, Action<Rejected>? onRejected, CancellationToken cancellation)
    {
        (_plan, _onRejected, _cancellation) = (plan, onRejected, cancellation);
        _segments = plan.Segments();
        _queues = [.. Enumerable.Range(0, _segments.Length + 1).Select(_ => new QueueCounter())];
        _counters = plan.Stages.Select(s => s.Name).Distinct(StringComparer.Ordinal).ToDictionary(n => n, _ => new StageCounter(), StringComparer.Ordinal);
        var scheduler = plan.Options.Background ? BackgroundWorkers.For(Network.Threads(_segments)) : TaskScheduler.Default;
        _network = Network.Build(_segments, this, scheduler);
        // The source is a stage like the others: what its awaits go on with is queued where it began.
        _pump = Task.Factory.StartNew(PumpAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
    }

    public FlowOptions Options => _plan.Options;

    /// <summary>Messages are disposed from now on instead of worked on.</summary>
    public bool Stopping => _stop || _cancellation.IsCancellationRequested;

    /// <summary>The counts and times of the ended run.</summary>
    /// <exception cref="InvalidOperationException">The run has not ended.</exception>
    public FlowReport Report =>
        _report ?? throw new InvalidOperationException("The run has not ended: take values until there is none, or dispose of the run.");

    /// <summary>Time that the sink's thread has waited for data so far.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _sinkWait);

    public Worker WorkerOf(MapSegment segment, int block) =>
        new(segment, [.. segment.Stages.Select(s => _counters[s.Name])], _queues[block], _queues[block + 1], this);

    public Gatherer GathererOf(GatherSegment segment, int block) =>
        new(segment.Stage, _counters[segment.Stage.Name], _queues[block], _queues[block + 1], this);

    /// <summary>Whether an exception only says that this run was cancelled.</summary>
    public bool CancelledBy(Exception cause) => cause is OperationCanceledException && _cancellation.IsCancellationRequested;

    /// <summary>Stops the run; the first failure is the one that is thrown.</summary>
    public void Fail(string stage, Envelope? envelope, Exception cause) =>
        Fail(new Failure(stage, envelope?.ToString() ?? $"item {Volatile.Read(ref _read)}", cause));

    /// <summary>A block itself faulted, which no delegate here can cause.</summary>
    public void BlockBroke(Exception cause) => Fail(new Failure(_plan.Source, "a block of the flow", cause));

    /// <summary>Takes a message out of the count of those under way, and disposes of its value.</summary>
    public void Drop(Envelope envelope, bool leftOver = false)
    {
        if (envelope.Value is null && envelope.Rejection is null)
        {
            return; // dropped before
        }

        var value = envelope.Value;
        (envelope.Value, envelope.Rejection) = (null, null);
        Interlocked.Add(ref _dropped, envelope.Count);
        if (leftOver)
        {
            Interlocked.Add(ref _leftOver, envelope.Count);
        }

        Release(value, kept: null, "dispose", envelope);
    }

    /// <summary>Disposes of a value, and of a group's members, but for <paramref name="kept"/>. What Dispose throws is a failure of the stage.</summary>
    public void Release(object? value, object? kept, string stage, Envelope envelope)
    {
        if (value is null || ReferenceEquals(value, kept))
        {
            return;
        }

        if (value is IGroup group)
        {
            foreach (var member in group.Except(kept))
            {
                Release(member, kept, stage, envelope);
            }
        }
        else if (value is IDisposable disposable)
        {
            try
            {
                disposable.Dispose();
            }
            catch (Exception cause)
            {
                Fail(stage, envelope, cause);
            }
        }
    }

    /// <summary>The next value for the sink; null at the end. The value before it is disposed and counts as processed.</summary>
    public object? Take()
    {
        if (_taken != 0)
        {
            _sinkBusy += Stopwatch.GetTimestamp() - _taken;
            _taken = 0;
        }

        Settle();
        while (_report is null && !Stopping)
        {
            if (!_network.TryReceive(out var envelope))
            {
                var waiting = Stopwatch.GetTimestamp();
                var more = _network.Await(this);
                _sinkWait += Stopwatch.GetTimestamp() - waiting;
                if (more)
                {
                    continue;
                }

                break;
            }

            _queues[^1].Leave();
            if (envelope!.Rejection is not null)
            {
                Deliver(envelope);
            }
            else if (envelope.Value is not null)
            {
                _current = envelope;
                _taken = Stopwatch.GetTimestamp();
                return envelope.Value;
            }
        }

        End();
        return null;
    }

    /// <summary>The sink threw on the current value, which then was not processed.</summary>
    public void SinkFailed(Exception cause)
    {
        if (_current is { } envelope)
        {
            _current = null;
            if (!CancelledBy(cause))
            {
                Fail(FlowPlan.Sink, envelope, cause);
            }

            Drop(envelope);
        }
    }

    /// <summary>Ends the run: what is still under way is disposed. Never throws, but for a count that does not add up.</summary>
    public void Abandon()
    {
        Settle();
        _stop = true;
        Drain();
    }

    private async Task PumpAsync()
    {
        var time = Stopwatch.GetTimestamp();
        try
        {
            using var items = _plan.Items.GetEnumerator();
            while (!Stopping)
            {
                if (!items.MoveNext())
                {
                    _exhausted = true;
                    break;
                }

                // Read counts from the moment that the item exists, whatever comes of it.
                var item = items.Current ?? throw new InvalidOperationException("The source gave null.");
                var envelope = new Envelope(_read, item);
                Interlocked.Increment(ref _read);
                var made = Stopwatch.GetTimestamp();
                _sourceBusy += made - time;
                _queues[0].Enter();
                await _network.SendAsync(envelope, this);
                time = Stopwatch.GetTimestamp();
                _sourceWait += time - made;
            }
        }
        catch (Exception cause)
        {
            _exhausted = false;
            if (!CancelledBy(cause))
            {
                Fail(_plan.Source, null, cause);
            }
        }
        finally
        {
            _network.Complete();
        }
    }

    private void Fail(Failure failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _stop = true;
    }

    private void Settle()
    {
        if (_current is { } envelope)
        {
            _current = null;
            _processed += envelope.Count;
            Release(envelope.Value, kept: null, FlowPlan.Sink, envelope);
        }
    }

    private void Deliver(Envelope envelope)
    {
        var left = envelope.Count;
        try
        {
            foreach (var rejection in envelope.Rejections(envelope.Rejection!.Reason))
            {
                _rejected++;
                left--;
                _onRejected?.Invoke(rejection);
            }
        }
        catch (Exception cause)
        {
            Interlocked.Add(ref _dropped, left);
            if (!CancelledBy(cause))
            {
                Fail("onRejected", envelope, cause);
            }
        }
    }

    private void End()
    {
        Drain();
        if (_failure is { } failure)
        {
            throw new FlowException(failure.Stage, failure.Item, Report, failure.Cause);
        }

        if (Report.Cancelled && Options.ThrowWhenCancelled)
        {
            throw new OperationCanceledException($"The flow was cancelled: {Report}.", _cancellation);
        }
    }

    private void Drain()
    {
        if (_report is not null)
        {
            return;
        }

        do
        {
            while (_network.TryReceive(out var envelope))
            {
                _queues[^1].Leave();
                Drop(envelope!);
            }
        }
        while (_network.Await(this));

        _pump.GetAwaiter().GetResult();
        _report = MakeReport();
    }

    private FlowReport MakeReport()
    {
        var end = _failure is not null ? FlowEnd.Faulted
            : _exhausted && _dropped == _leftOver ? FlowEnd.Complete
            : _cancellation.IsCancellationRequested ? FlowEnd.Cancelled
            : FlowEnd.Abandoned;
        var stages = ImmutableArray.CreateBuilder<StageReport>();
        var queues = ImmutableArray.CreateBuilder<QueueReport>();
        var from = _plan.Source;
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i] is MapSegment map)
            {
                stages.AddRange(map.Stages.Select(s => _counters[s.Name].Report(s.Name, i, map.Workers)));
                queues.Add(_queues[i].Report(from, map.Name));
                from = map.Name;
            }
            else
            {
                var name = ((GatherSegment)_segments[i]).Stage.Name + " (gathering)";
                queues.Add(_queues[i].Report(from, name));
                from = name;
            }
        }

        queues.Add(_queues[^1].Report(from, FlowPlan.Sink));
        return new FlowReport
        {
            Flow = _plan.Describe(),
            End = end,
            Read = _read,
            Processed = _processed,
            Rejected = _rejected,
            Dropped = _dropped,
            LeftOver = _leftOver,
            Elapsed = Stopwatch.GetElapsedTime(_started),
            SourceBusy = Stopwatch.GetElapsedTime(0, _sourceBusy),
            SourceWait = Stopwatch.GetElapsedTime(0, _sourceWait),
            SinkBusy = Stopwatch.GetElapsedTime(0, _sinkBusy),
            SinkWait = Stopwatch.GetElapsedTime(0, _sinkWait),
            Stages = stages.ToImmutable(),
            Queues = queues.ToImmutable(),
        }.Checked();
    }

    private sealed record Failure(string Stage, string Item, Exception Cause);
}
