using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow;

/// <summary>Begins the description of a flow.</summary>
public static class Flow
{
    /// <summary>A flow that reads <paramref name="items"/>, lazily and only as fast as the stages have room.</summary>
    /// <param name="name">What the items are, such as <c>files</c>.</param>
    /// <param name="items">
    /// Enumerated once a run, by one thread at a time, not the caller's. Cancellation cannot interrupt a source that blocks.
    /// Items that are disposable belong to the flow once they are read.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Flow<T> From<T>(string name, IEnumerable<T> items) where T : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(items);
        Flow<T>.RefuseDisposableStructs(name);
        return new Flow<T>(new FlowPlan(name, items as IEnumerable<object> ?? items.Cast<object>(), [], new FlowOptions()));
    }
}

/// <summary>
/// The description of a flow whose last stage makes <typeparamref name="T"/>: an immutable value that prints itself in one
/// line and can be run any number of times, also at once.
/// </summary>
/// <remarks>
/// <para><b>Ownership.</b> The flow owns its disposable messages. When a stage has made a new value, its input is disposed
/// (unless the stage returned the very same instance); whatever is rejected, fails or is under way at a stop is disposed once;
/// the sink's value is disposed after the sink has returned. So a stage must not return a value that still reads from its
/// input. Disposable structs are refused: they have no identity.</para>
/// <para><b>Order.</b> Items reach the sink in the order of the source unless a stage is unordered. Rejections travel in
/// their item's place and come to <c>onRejected</c> on the sink's thread: with no batch stage exactly between their neighbours;
/// with one, before every batch that holds a later item and after every full batch of earlier items only.</para>
/// <para><b>Memory.</b> Every block is bounded (<see cref="FlowOptions.MessagesPerWorker"/>, <see cref="FlowOptions.Prefetch"/>).</para>
/// <para><b>Threads.</b> Stages run on the thread pool; adjacent map stages of equal workers and order are fused into one block, so
/// that an item goes through all of them on one thread without queueing between. The sink runs on the calling thread.</para>
/// </remarks>
/// <typeparam name="T">What reaches the sink, or the next stage.</typeparam>
public sealed class Flow<T> where T : notnull
{
    private readonly FlowPlan _plan;

    internal Flow(FlowPlan plan) => _plan = plan;

    /// <summary>What holds for the whole flow.</summary>
    public FlowOptions Options => _plan.Options;

    /// <summary>A copy with other options: <c>flow.With(o => o with { Faults = Faults.Reject })</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is out of range.</exception>
    public Flow<T> With(Func<FlowOptions, FlowOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var options = change(_plan.Options);
        if (options.MessagesPerWorker < 1 || options.Prefetch < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(change), options, "A block needs room: MessagesPerWorker is at least 1 and Prefetch at least 0.");
        }

        return new Flow<T>(_plan with { Options = options });
    }

    /// <summary>Adds a stage that makes one value of one, or rejects it.</summary>
    /// <param name="name">The stage's name in descriptions, reports and errors; unique in the flow.</param>
    /// <param name="apply">Called from <paramref name="workers"/> threads at once.</param>
    /// <param name="workers">Items under way at once, at least 1.</param>
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

    /// <summary>Adds a stage that makes one value of one.</summary>
    /// <inheritdoc cref="Map{TOut}(string, Func{T, Outcome{TOut}}, int, bool)"/>
    public Flow<TOut> Map<TOut>(string name, Func<T, TOut> apply, int workers = 1, bool ordered = true) where TOut : notnull
    {
        ArgumentNullException.ThrowIfNull(apply);
        return Add<TOut>(name, workers, new MapStage(name, workers, ordered, value => Outcome<object>.From(apply((T)value))));
    }

    /// <summary>Adds a stage that groups items in the order in which they come; rejected items do not count.</summary>
    /// <param name="name">The stage's name; unique in the flow.</param>
    /// <param name="size">Items in a group, at least 1.</param>
    /// <param name="apply">
    /// Makes one value of a group, whose members are disposed when it returns. When it fails under <see cref="FaultPolicy.Reject"/>,
    /// or a later stage rejects what it made, every member of the group is rejected, each by its own name.
    /// </param>
    /// <param name="last">What becomes of a last group that is not full.</param>
    /// <param name="workers">Groups made into values at once.</param>
    /// <exception cref="ArgumentException">The name is empty or taken, or a number is less than 1.</exception>
    public Flow<TOut> Batch<TOut>(string name, int size, Func<IReadOnlyList<T>, TOut> apply, LastBatch last = LastBatch.Keep, int workers = 1)
        where TOut : notnull
    {
        ArgumentNullException.ThrowIfNull(apply);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Add<TOut>(
            name,
            workers,
            new GatherStage(name, size, last, members => new Group<T>(members)),
            new MapStage(name, workers, Ordered: true, group => Outcome<object>.From(apply((Group<T>)group))) { OfGroups = true });
    }

    /// <summary>Adds a stage that only groups; the members live as long as their group.</summary>
    /// <inheritdoc cref="Batch{TOut}"/>
    public Flow<IReadOnlyList<T>> Batch(string name, int size, LastBatch last = LastBatch.Keep) => Batch(name, size, group => group, last);

    /// <summary>Runs the flow to its end on this thread: <paramref name="sink"/> gets every value.</summary>
    /// <param name="sink">Called on the calling thread. When it throws, the flow stops, whatever the policy.</param>
    /// <param name="onRejected">Called on the calling thread for each rejected item; see the remarks on order.</param>
    /// <param name="cancellation">Stops the source; what is under way is disposed.</param>
    /// <returns>The counts, which add up, and the times.</returns>
    /// <exception cref="FlowException">The source, a stage, the sink or <paramref name="onRejected"/> threw; the cause is within.</exception>
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

    /// <summary>Starts the flow, which fills its queues at once; the owner then pulls with <see cref="FlowRun{T}.TryTake"/>.</summary>
    /// <remarks>Started early, a flow prefetches: the next epoch's first batches while this epoch is validated.</remarks>
    /// <inheritdoc cref="Run"/>
    public FlowRun<T> Start(Action<Rejected>? onRejected = null, CancellationToken cancellation = default) =>
        new(new FlowExecution(_plan, onRejected, cancellation));

    /// <summary>The flow in one line: source, blocks with their fused stages, workers and capacities, policy.</summary>
    public override string ToString() => _plan.Describe();

    internal static void RefuseDisposableStructs(string name)
    {
        if (typeof(T).IsValueType && typeof(IDisposable).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException($"\"{name}\" makes {typeof(T).Name}, a disposable struct; a flow owns classes only, so make it a class.", nameof(name));
        }
    }

    private Flow<TOut> Add<TOut>(string name, int workers, params ReadOnlySpan<Stage> stages) where TOut : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Flow<TOut>.RefuseDisposableStructs(name);
        if (_plan.Names.Contains(name, StringComparer.Ordinal))
        {
            throw new ArgumentException($"The flow has a stage called \"{name}\" already; give each its own name: {this}.", nameof(name));
        }

        return new Flow<TOut>(_plan with { Stages = [.. _plan.Stages, .. stages] });
    }
}
