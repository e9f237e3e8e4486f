using System.Collections.Immutable;
using System.Threading.Tasks.Dataflow;

namespace SketchFlow.Dataflow;

/// <summary>The blocks and links of one run: the only file that makes any.</summary>
/// <remarks>
/// <para>TPL Dataflow's defaults are unbounded, and its faults and cancellation throw queued messages away undisposed. So every
/// block here is bounded and named; no delegate ever throws; no token is given to a block; and completion is carried from
/// block to block by hand, after the last message has been handed over, never by PropagateCompletion (dotnet/runtime#78772).</para>
/// <para>A gather stage is an ActionBlock that sends its groups on and waits for room: a TransformManyBlock would
/// go on gathering, since messages that it holds back half-gathered do not count against its capacity.</para>
/// </remarks>
internal sealed class Network
{
    private readonly ITargetBlock<Envelope> _head;
    private readonly IReceivableSourceBlock<Envelope> _tail;

    private Network(ITargetBlock<Envelope> head, IReceivableSourceBlock<Envelope> tail) => (_head, _tail) = (head, tail);

    /// <summary>Threads that a flow of these segments keeps busy: one more than the widest has workers, since the source, gathering and the blocks after it need little.</summary>
    public static int Threads(ImmutableArray<Segment> segments) => segments.OfType<MapSegment>().Select(s => s.Workers).DefaultIfEmpty(1).Max() + 1;

    /// <summary>Builds the blocks from the sink's end backwards.</summary>
    public static Network Build(ImmutableArray<Segment> segments, FlowExecution execution, TaskScheduler scheduler)
    {
        ITargetBlock<Envelope>? next = null;
        IReceivableSourceBlock<Envelope>? tail = null;
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            switch (segments[i])
            {
                case MapSegment map:
                    var worker = execution.WorkerOf(map, i);
                    var transform = new TransformBlock<Envelope, Envelope>(worker.Process, Options(map.Name, map.Capacity, map.Workers, map.Ordered, scheduler));
                    if (next is null)
                    {
                        tail = transform;
                    }
                    else
                    {
                        transform.LinkTo(next);
                        _ = CarryAsync(transform, next, execution);
                    }

                    next = transform;
                    break;

                case GatherSegment gather:
                    var gatherer = execution.GathererOf(gather, i);
                    var target = next!;
                    var collect = new ActionBlock<Envelope>(
                        envelope => gatherer.Take(envelope) is { } ready ? HandOverAsync(ready, target, execution) : Task.CompletedTask,
                        Options(gather.Stage.Name + " (gathering)", gather.Capacity, workers: 1, ordered: true, scheduler));
                    _ = CarryAsync(collect, target, execution, gatherer);
                    next = collect;
                    break;
            }
        }

        return new Network(next!, tail!);
    }

    /// <summary>Hands a message to the first block, waiting for room.</summary>
    public Task SendAsync(Envelope envelope, FlowExecution execution) => HandOverAsync(envelope, _head, execution);

    /// <summary>No message comes any more.</summary>
    public void Complete() => _head.Complete();

    /// <summary>The next finished message, if one is ready.</summary>
    public bool TryReceive(out Envelope? envelope) => _tail.TryReceive(out envelope);

    /// <summary>Blocks this thread until a message is ready (true) or none will come (false).</summary>
    public bool Await(FlowExecution execution)
    {
        if (_tail.OutputAvailableAsync().GetAwaiter().GetResult())
        {
            return true;
        }

        // It ends quietly on a faulted block too (as ReceiveAllAsync does: dotnet/runtime#79535).
        if (_tail.Completion.Exception is { } broken)
        {
            execution.BlockBroke(broken);
        }

        return false;
    }

    private static ExecutionDataflowBlockOptions Options(string name, int capacity, int workers, bool ordered, TaskScheduler scheduler) => new()
    {
        TaskScheduler = scheduler,
        BoundedCapacity = capacity,
        MaxDegreeOfParallelism = workers,
        EnsureOrdered = ordered,
        // The name is a format of type and number, so braces in it are doubled.
        NameFormat = name.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal),
    };

    private static Task HandOverAsync(Envelope envelope, ITargetBlock<Envelope> to, FlowExecution execution)
    {
        var sent = to.SendAsync(envelope);
        return sent.IsCompletedSuccessfully && sent.Result ? Task.CompletedTask : WaitAsync(sent, envelope, execution);

        static async Task WaitAsync(Task<bool> sent, Envelope envelope, FlowExecution execution)
        {
            if (!await sent)
            {
                execution.Drop(envelope);
            }
        }
    }

    private static async Task CarryAsync(IDataflowBlock from, ITargetBlock<Envelope> to, FlowExecution execution, Gatherer? gatherer = null)
    {
        try
        {
            await from.Completion;
        }
        catch (Exception broken)
        {
            execution.BlockBroke(broken);
        }

        if (gatherer?.Flush() is { } rest)
        {
            await HandOverAsync(rest, to, execution);
        }

        to.Complete();
    }
}
