using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Description;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow;

/// <summary>Starts the description of a flow.</summary>
public static class Flow
{
    /// <summary>Creates a flow that reads <paramref name="items"/> lazily, and only as fast as the stages have room.</summary>
    /// <param name="name">Name of the items, such as <c>files</c>.</param>
    /// <param name="items">
    /// The source, enumerated once per run by one thread at a time, not the caller's. Cancellation cannot interrupt a source that blocks.
    /// The flow owns disposable items from the moment they are read.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Flow<T> From<T>(string name, IEnumerable<T> items) where T : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(items);
        Flow<T>.RefuseDisposableStructs(name);
        return new Flow<T>(new FlowPlan(name, ItemSource.From(items), [], new FlowOptions()));
    }

    /// <summary>Creates a flow that reads items as they arrive, such as requests, for as long as the source lasts.</summary>
    /// <param name="name">Name of the items, such as <c>requests</c>.</param>
    /// <param name="items">
    /// The source, enumerated once per run. No thread waits for an item, and a stop of the run ends the waiting. The flow owns disposable items from the
    /// moment they are read.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Flow<T> From<T>(string name, IAsyncEnumerable<T> items) where T : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(items);
        Flow<T>.RefuseDisposableStructs(name);
        return new Flow<T>(new FlowPlan(name, ItemSource.From(items), [], new FlowOptions()));
    }
}

/// <summary>
/// The description of a flow whose last stage makes <typeparamref name="T"/>: an immutable value that prints itself in one line and can be run
/// any number of times, also concurrently.
/// </summary>
/// <remarks>
/// <para><b>Ownership.</b> The flow owns its disposable messages. When a stage has made a new value, its input is disposed, unless the stage
/// returned the same instance. A message that is rejected, fails or is in flight at a stop is disposed exactly once, and the sink's value is
/// disposed after the sink has returned. So a stage must not return a value that still reads from its input. Disposable structs are refused:
/// they have no identity.</para>
/// <para><b>Order.</b> Items reach the sink in the order of the source unless a stage is unordered. Rejections keep their item's place and
/// reach <c>onRejected</c> on the sink's thread: without a batch stage, exactly between their neighbours; with one, before every batch that
/// holds a later item and after every full batch of earlier items only.</para>
/// <para><b>Memory.</b> Every block is bounded (<see cref="FlowOptions.MessagesPerWorker"/>, <see cref="FlowOptions.Prefetch"/>).</para>
/// <para><b>Threads.</b> Stages run on the thread pool. Adjacent map stages of equal workers and order are fused into one block, so that an
/// item passes through all of them on one thread without queueing in between. The sink runs on the calling thread.</para>
/// </remarks>
/// <typeparam name="T">Type of the values that reach the sink or the next stage.</typeparam>
public sealed class Flow<T> where T : notnull
{
    private readonly FlowPlan _plan;

    internal Flow(FlowPlan plan) => _plan = plan;

    /// <summary>Settings of the whole flow.</summary>
    public FlowOptions Options => _plan.Options;

    /// <summary>Copies the flow with other options: <c>flow.With(o => o with { Faults = FaultPolicy.Reject })</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is out of range.</exception>
    public Flow<T> With(Func<FlowOptions, FlowOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var options = change(_plan.Options);
        if (options.MessagesPerWorker < 1 || options.Prefetch < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(change), options, "MessagesPerWorker must be at least 1 and Prefetch at least 0, so that every block has room.");
        }

        return new Flow<T>(_plan with { Options = options });
    }

    /// <summary>Adds a stage that makes one value of each, or rejects it.</summary>
    /// <param name="name">Name of the stage in descriptions, reports and errors; unique in the flow.</param>
    /// <param name="apply">The stage's function, called from <paramref name="workers"/> threads concurrently.</param>
    /// <param name="workers">Number of items processed concurrently, at least 1.</param>
    /// <param name="ordered">False lets quick items overtake slow ones.</param>
    /// <exception cref="ArgumentException">The name is empty or taken, or there is no worker.</exception>
    public Flow<TOut> Map<TOut>(string name, Func<T, Outcome<TOut>> apply, int workers = 1, bool ordered = true) where TOut : notnull
    {
        ArgumentNullException.ThrowIfNull(apply);
        return Add<TOut>(name, workers, new MapStage(name, workers, ordered, value =>
        {
            var outcome = apply((T)value);
            return outcome.Rejection is { } rejection ? Outcome<object>.Reject(rejection) : Outcome<object>.From(outcome.Value);
        }));
    }

    /// <summary>Adds a stage that makes one value of each.</summary>
    /// <inheritdoc cref="Map{TOut}(string, Func{T, Outcome{TOut}}, int, bool)"/>
    public Flow<TOut> Map<TOut>(string name, Func<T, TOut> apply, int workers = 1, bool ordered = true) where TOut : notnull
    {
        ArgumentNullException.ThrowIfNull(apply);
        return Add<TOut>(name, workers, new MapStage(name, workers, ordered, value => Outcome<object>.From(apply((T)value))));
    }

    /// <summary>Adds a stage that collects items into batches, in the order of their arrival; rejected items do not count.</summary>
    /// <param name="name">Name of the stage; unique in the flow.</param>
    /// <param name="size">Number of items per batch, at least 1.</param>
    /// <param name="apply">
    /// The function that turns a batch into one value. The members of the batch are disposed when it returns. Where it fails under
    /// <see cref="FaultPolicy.Reject"/>, or a later stage rejects its value, every member of the batch is rejected in its own name.
    /// </param>
    /// <param name="last">Treatment of a last batch that is not full.</param>
    /// <param name="workers">Number of batches made into values concurrently.</param>
    /// <exception cref="ArgumentException">The name is empty or taken, or a number is less than 1.</exception>
    public Flow<TOut> Batch<TOut>(string name, int size, Func<IReadOnlyList<T>, TOut> apply, LastBatch last = LastBatch.Keep, int workers = 1)
        where TOut : notnull
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Batch(new BatchStage(name, size, last, members => new BatchMembers<T>(members)), apply, workers);
    }

    /// <summary>
    /// Adds a stage that collects items which arrive one by one: a batch is passed on when it is full, or when its oldest member has waited for
    /// <paramref name="maxDelay"/> and the sink waits too. While the sink is busy, batches grow instead of queueing.
    /// </summary>
    /// <remarks>Rejections reach <c>onRejected</c> as soon as the sink can take them, also before batches of earlier items.</remarks>
    /// <param name="name">Name of the stage; unique in the flow.</param>
    /// <param name="size">Largest number of items per batch, at least 1.</param>
    /// <param name="maxDelay">Longest time that an item waits for others while the sink is idle; zero passes on what is there.</param>
    /// <param name="apply">The function that turns a batch into one value, as in the other kind of batch.</param>
    /// <exception cref="ArgumentException">The name is empty or taken, or a number is out of range.</exception>
    public Flow<TOut> Batch<TOut>(string name, int size, TimeSpan maxDelay, Func<IReadOnlyList<T>, TOut> apply) where TOut : notnull
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDelay, TimeSpan.FromDays(1));
        return Batch(new BatchStage(name, size, LastBatch.Keep, members => new BatchMembers<T>(members)) { MaxDelay = maxDelay }, apply, workers: 1);
    }

    /// <summary>Adds a stage that only collects batches; the members are disposed together with their batch.</summary>
    /// <inheritdoc cref="Batch{TOut}(string, int, Func{IReadOnlyList{T}, TOut}, LastBatch, int)"/>
    public Flow<IReadOnlyList<T>> Batch(string name, int size, LastBatch last = LastBatch.Keep) => Batch(name, size, batch => batch, last);

    /// <summary>Runs the flow to its end and passes every value to <paramref name="sink"/> on this thread.</summary>
    /// <param name="sink">Receiver of the values. An exception of it stops the flow under either fault policy.</param>
    /// <param name="onRejected">Receiver of each rejected item, called on this thread; see the remarks on order.</param>
    /// <param name="cancellation">Token that stops the source; everything in flight is disposed.</param>
    /// <returns>Counts and times.</returns>
    /// <exception cref="FlowException">The source, a stage, the sink or <paramref name="onRejected"/> threw; the cause is the inner exception.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the end, and <see cref="FlowOptions.ThrowWhenCancelled"/>.</exception>
    public FlowReport Run(Action<T> sink, Action<Rejected>? onRejected = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        using var run = Start(onRejected, cancellation);
        while (run.TryTake(out var item))
        {
            try
            {
                sink(item);
            }
            catch (Exception cause)
            {
                // The next TryTake drains the flow and throws this.
                run.SinkFailed(cause);
            }
        }

        return run.Report;
    }

    /// <summary>Starts the flow, which fills its queues immediately; the owner then pulls values with <see cref="FlowRun{T}.TryTake"/>.</summary>
    /// <remarks>A flow that is started early prefetches, for example the next epoch's first batches during validation.</remarks>
    /// <inheritdoc cref="Run"/>
    public FlowRun<T> Start(Action<Rejected>? onRejected = null, CancellationToken cancellation = default) =>
        new(new FlowExecution(_plan, onRejected, cancellation));

    /// <summary>Describes the flow in one line: source, blocks with their fused stages, workers and buffers, fault policy.</summary>
    public override string ToString() => _plan.Describe();

    internal static void RefuseDisposableStructs(string name)
    {
        if (typeof(T).IsValueType && typeof(IDisposable).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException(
                $"\"{name}\" makes {typeof(T).Name}, a disposable struct; expected a class, since a flow disposes of its messages by identity.",
                nameof(name));
        }
    }

    private Flow<TOut> Batch<TOut>(BatchStage stage, Func<IReadOnlyList<T>, TOut> apply, int workers) where TOut : notnull
    {
        ArgumentNullException.ThrowIfNull(apply);
        return Add<TOut>(
            stage.Name,
            workers,
            stage,
            new MapStage(stage.Name, workers, Ordered: true, members => Outcome<object>.From(apply((BatchMembers<T>)members))) { TakesBatches = true });
    }

    private Flow<TOut> Add<TOut>(string name, int workers, params ReadOnlySpan<Stage> stages) where TOut : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Flow<TOut>.RefuseDisposableStructs(name);
        if (_plan.TakenNames.Contains(name, StringComparer.Ordinal))
        {
            throw new ArgumentException($"The flow already has a stage called \"{name}\"; give each stage its own name: {this}.", nameof(name));
        }

        return new Flow<TOut>(_plan with { Stages = [.. _plan.Stages, .. stages] });
    }
}
