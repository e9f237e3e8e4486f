using System.Collections.Immutable;
using System.Threading.Tasks.Dataflow;
using SketchFlow.Dataflow.Description;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Blocks and links of one run. No other file makes any.</summary>
/// <remarks>
/// <para>TPL Dataflow's blocks are unbounded by default, and their faults and cancellation discard queued messages without disposing of them.
/// Here every block is bounded and named, no delegate ever throws, and no block gets a token. Completion passes from block to block explicitly,
/// after the last message was handed over, never by PropagateCompletion (dotnet/runtime#78772).</para>
/// <para>A batch segment is an ActionBlock that sends its batches on and waits for room. A TransformManyBlock would continue to collect,
/// since its capacity does not count the messages of an unfinished batch.</para>
/// </remarks>
internal sealed class Network
{
    private readonly ITargetBlock<Envelope> _head;
    private readonly IReceivableSourceBlock<Envelope> _tail;

    private Network(ITargetBlock<Envelope> head, IReceivableSourceBlock<Envelope> tail) => (_head, _tail) = (head, tail);

    /// <summary>
    /// Computes the number of threads that a flow of these segments keeps busy: one more than the largest number of workers, since the source,
    /// the gathering and the later blocks need little.
    /// </summary>
    public static int RequiredThreads(ImmutableArray<Segment> segments) =>
        segments.OfType<MapSegment>().Select(s => s.Workers).DefaultIfEmpty(1).Max() + 1;

    /// <summary>Builds the blocks, starting with the one that the sink takes from.</summary>
    public static Network Build(ImmutableArray<Segment> segments, FlowExecution execution, TaskScheduler scheduler)
    {
        ITargetBlock<Envelope>? next = null;
        IReceivableSourceBlock<Envelope>? tail = null;
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            switch (segments[i])
            {
                case MapSegment map:
                    var worker = execution.CreateWorker(map, i);
                    var transform = new TransformBlock<Envelope, Envelope>(
                        worker.Process, Options(map.Name, map.Capacity, map.Workers, map.Ordered, scheduler));
                    if (next is null)
                    {
                        tail = transform;
                    }
                    else
                    {
                        transform.LinkTo(next);
                        _ = CompleteNextAsync(transform, next, execution);
                    }

                    next = transform;
                    break;

                case BatchSegment batch:
                    var gatherer = execution.CreateGatherer(batch, i);
                    var target = next!;
                    gatherer.Post = target.Post;
                    var gather = new ActionBlock<Envelope>(
                        envelope => gatherer.Take(envelope) is { } ready ? SendToAsync(ready, target, execution) : Task.CompletedTask,
                        Options(batch.Name, batch.Capacity, workers: 1, ordered: true, scheduler));
                    _ = CompleteNextAsync(gather, target, execution, gatherer);
                    next = gather;
                    break;
            }
        }

        return new Network(next!, tail!);
    }

    /// <summary>Sends a message to the first block, waiting for room.</summary>
    public Task SendAsync(Envelope envelope, FlowExecution execution) => SendToAsync(envelope, _head, execution);

    /// <summary>Ends the input: no further message follows.</summary>
    public void Complete() => _head.Complete();

    /// <summary>Takes the next finished message, if one is ready.</summary>
    public bool TryReceive(out Envelope? envelope) => _tail.TryReceive(out envelope);

    /// <summary>Blocks this thread until a message is ready (true) or none will come (false).</summary>
    public bool WaitForOutput(FlowExecution execution)
    {
        if (_tail.OutputAvailableAsync().GetAwaiter().GetResult())
        {
            return true;
        }

        // OutputAvailableAsync also returns false for a faulted block, without an error (dotnet/runtime#79535).
        if (_tail.Completion.Exception is { } broken)
        {
            execution.BlockFaulted(broken);
        }

        return false;
    }

    private static ExecutionDataflowBlockOptions Options(string name, int capacity, int workers, bool ordered, TaskScheduler scheduler) => new()
    {
        TaskScheduler = scheduler,
        BoundedCapacity = capacity,
        MaxDegreeOfParallelism = workers,
        EnsureOrdered = ordered,
        // NameFormat is a format string for the type and the number of the block, so braces are doubled.
        NameFormat = name.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal),
    };

    private static Task SendToAsync(Envelope envelope, ITargetBlock<Envelope> to, FlowExecution execution)
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

    private static async Task CompleteNextAsync(IDataflowBlock from, ITargetBlock<Envelope> to, FlowExecution execution, BatchGatherer? gatherer = null)
    {
        try
        {
            await from.Completion;
        }
        catch (Exception broken)
        {
            execution.BlockFaulted(broken);
        }

        if (gatherer?.Flush() is { } rest)
        {
            await SendToAsync(rest, to, execution);
        }

        to.Complete();
    }
}
