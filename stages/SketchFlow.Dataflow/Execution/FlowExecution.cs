using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Description;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Execution;

/// <summary>One run of a plan: the task that reads the source, the conditions that stop the run, the counts, and the sink's side.</summary>
/// <remarks>
/// A flag stops the run, and every delegate checks it: messages still pass through the blocks, but are disposed instead of processed, until
/// the blocks complete in the ordinary way. So no run can hang and no message is lost without being disposed.
/// </remarks>
internal sealed class FlowExecution
{
    private readonly FlowPlan _plan;
    private readonly Action<Rejected>? _onRejected;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource _sourceStop;
    private readonly List<BatchGatherer> _gatherers = [];
    private readonly Network _network;
    private readonly Task _pump;
    private readonly ImmutableArray<Segment> _segments;
    private readonly QueueCounter[] _queues;
    private readonly Dictionary<string, StageCounter> _counters;
    private readonly long _started = Stopwatch.GetTimestamp();

    private Failure? _failure;
    private volatile bool _stop;
    private bool _exhausted;
    // Items that the sink's thread has finished.
    private long _finished;
    private long _read, _dropped, _leftOver, _sourceBusy, _sourceWait;

    // Used by the sink's thread only.
    private Envelope? _current;
    private long _processed, _rejected, _sinkBusy, _sinkWait, _taken;
    private FlowReport? _report;

    public FlowExecution(FlowPlan plan, Action<Rejected>? onRejected, CancellationToken cancellation)
    {
        (_plan, _onRejected, _cancellation) = (plan, onRejected, cancellation);
        _sourceStop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _segments = plan.Segments();
        _queues = [.. Enumerable.Range(0, _segments.Length + 1).Select(_ => new QueueCounter())];
        _counters = plan.Stages.Select(s => s.Name).Distinct(StringComparer.Ordinal).ToDictionary(n => n, _ => new StageCounter(), StringComparer.Ordinal);
        var scheduler = plan.Options.Background ? LowPriorityScheduler.For(Network.RequiredThreads(_segments)) : TaskScheduler.Default;
        _network = Network.Build(_segments, this, scheduler);
        // The source runs on the same scheduler as the stages, and so do the continuations of its awaits.
        _pump = Task.Factory.StartNew(PumpAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
    }

    public FlowOptions Options => _plan.Options;

    /// <summary>Whether messages are now disposed instead of processed.</summary>
    public bool Stopping => _stop || _cancellation.IsCancellationRequested;

    /// <summary>Counts and times of the ended run.</summary>
    /// <exception cref="InvalidOperationException">The run has not ended.</exception>
    public FlowReport Report =>
        _report ?? throw new InvalidOperationException("The run has not ended: take values until there is none, or dispose of the run.");

    /// <summary>Time that the sink's thread has waited for data so far.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _sinkWait);

    public MapWorker CreateWorker(MapSegment segment, int block) =>
        new(segment, [.. segment.Stages.Select(s => _counters[s.Name])], _queues[block], _queues[block + 1], this);

    public BatchGatherer CreateGatherer(BatchSegment segment, int block)
    {
        var gatherer = new BatchGatherer(segment.Stage, _counters[segment.Stage.Name], _queues[block], _queues[block + 1], this);
        _gatherers.Add(gatherer);
        return gatherer;
    }

    /// <summary>Whether the sink has finished everything that was passed on to it.</summary>
    /// <param name="items">Number of source items that were passed on.</param>
    public bool IsIdle(long items) => Volatile.Read(ref _finished) + Volatile.Read(ref _dropped) >= items;

    /// <summary>Returns true for an exception that only reports the cancellation of this run.</summary>
    public bool IsCancellation(Exception cause) => cause is OperationCanceledException && _cancellation.IsCancellationRequested;

    /// <summary>Stops the run. Of several failures the first is thrown.</summary>
    public void Fail(string stage, Envelope? envelope, Exception cause) =>
        Fail(new Failure(stage, envelope?.ToString() ?? $"item {Volatile.Read(ref _read)}", cause));

    /// <summary>Stops the run because a block itself faulted, which no delegate here can cause.</summary>
    public void BlockFaulted(Exception cause) => Fail(new Failure(_plan.Source, "a block of the flow", cause));

    /// <summary>Counts a message as dropped and disposes of its value.</summary>
    public void Drop(Envelope envelope, bool leftOver = false)
    {
        if (envelope.Value is null && envelope.Rejection is null)
        {
            return; // already dropped
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

    /// <summary>Disposes of a value, or of a batch's members, except <paramref name="kept"/>. An exception of Dispose is a failure of the stage.</summary>
    public void Release(object? value, object? kept, string stage, Envelope envelope)
    {
        if (value is null || ReferenceEquals(value, kept))
        {
            return;
        }

        if (value is IBatchMembers members)
        {
            foreach (var member in members.Except(kept))
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

    /// <summary>Takes the next value for the sink, or null at the end. The previous value is disposed and counts as processed.</summary>
    public object? Take()
    {
        if (_taken != 0)
        {
            _sinkBusy += Stopwatch.GetTimestamp() - _taken;
            _taken = 0;
        }

        FinishCurrent();
        while (_report is null && !Stopping)
        {
            if (!_network.TryReceive(out var envelope))
            {
                _gatherers.ForEach(g => g.OnSinkIdle());
                var waiting = Stopwatch.GetTimestamp();
                var more = _network.WaitForOutput(this);
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
                DeliverRejections(envelope);
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

    /// <summary>Stops the run because the sink threw on the current value, which does not count as processed.</summary>
    public void SinkFailed(Exception cause)
    {
        if (_current is { } envelope)
        {
            _current = null;
            if (!IsCancellation(cause))
            {
                Fail(FlowPlan.Sink, envelope, cause);
            }

            Drop(envelope);
        }
    }

    /// <summary>Ends the run and disposes of everything in flight. Throws only where the counts do not add up.</summary>
    public void Abandon()
    {
        FinishCurrent();
        Stop();
        Drain();
    }

    private async Task PumpAsync()
    {
        var time = Stopwatch.GetTimestamp();
        try
        {
            await using var items = _plan.Items.Open(_sourceStop.Token);
            while (!Stopping)
            {
                if (!await items.MoveNextAsync())
                {
                    _exhausted = true;
                    break;
                }

                // An item counts as read from the moment it exists, also where a stage later fails on it.
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
            if (!IsCancellation(cause) && !(cause is OperationCanceledException && _stop))
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
        Stop();
    }

    private void Stop()
    {
        _stop = true;
        if (_report is null)
        {
            _sourceStop.Cancel();
        }
    }

    private void FinishCurrent()
    {
        if (_current is { } envelope)
        {
            _current = null;
            _processed += envelope.Count;
            Interlocked.Add(ref _finished, envelope.Count);
            Release(envelope.Value, kept: null, FlowPlan.Sink, envelope);
        }
    }

    private void DeliverRejections(Envelope envelope)
    {
        var left = envelope.Count;
        Interlocked.Add(ref _finished, left);
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
            if (!IsCancellation(cause))
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
        while (_network.WaitForOutput(this));

        _pump.GetAwaiter().GetResult();
        _sourceStop.Dispose();
        _report = CreateReport();
    }

    private FlowReport CreateReport()
    {
        var end = _failure is not null ? FlowOutcome.Faulted
            : _exhausted && _dropped == _leftOver ? FlowOutcome.Complete
            : _cancellation.IsCancellationRequested ? FlowOutcome.Cancelled
            : FlowOutcome.Abandoned;
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
                var name = ((BatchSegment)_segments[i]).Name;
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
        }.CheckConservation();
    }

    private sealed record Failure(string Stage, string Item, Exception Cause);
}
