using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Dataflow;

namespace SketchFlow.Dataflow;

/// <summary>A block of TPL Dataflow around a function from one asynchronous stream to another.</summary>
/// <remarks>Both sides are bounded. After <see cref="Complete"/> the function sees the end of its stream, and what it returns until then is offered.</remarks>
/// <typeparam name="TIn">Type of the messages that the block accepts.</typeparam>
/// <typeparam name="TOut">Type of the messages that it offers.</typeparam>
public sealed class StreamBlock<TIn, TOut> : IPropagatorBlock<TIn, TOut>, IReceivableSourceBlock<TOut>
{
    private readonly BufferBlock<TIn> _input;
    private readonly BufferBlock<TOut> _output;

    /// <summary>Creates the block, which starts immediately.</summary>
    /// <param name="transform">The function; it is called once.</param>
    /// <param name="capacity">Number of messages that wait on each side, at least 1.</param>
    /// <param name="cancellation">Stops the block; messages in it are dropped.</param>
    public StreamBlock(Func<IAsyncEnumerable<TIn>, IAsyncEnumerable<TOut>> transform, int capacity, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var options = new DataflowBlockOptions { BoundedCapacity = capacity, CancellationToken = cancellation };
        (_input, _output) = (new BufferBlock<TIn>(options), new BufferBlock<TOut>(options));
        _ = Task.Run(() => PumpAsync(transform, cancellation), CancellationToken.None);
    }

    /// <inheritdoc/>
    public Task Completion => _output.Completion;

    private ISourceBlock<TOut> Source => _output;

    /// <inheritdoc/>
    public void Complete() => _input.Complete();

    /// <inheritdoc/>
    public void Fault(Exception exception) => ((IDataflowBlock)_input).Fault(exception);

    /// <inheritdoc/>
    public DataflowMessageStatus OfferMessage(DataflowMessageHeader messageHeader, TIn messageValue, ISourceBlock<TIn>? source, bool consumeToAccept) =>
        ((ITargetBlock<TIn>)_input).OfferMessage(messageHeader, messageValue, source, consumeToAccept);

    /// <inheritdoc/>
    public IDisposable LinkTo(ITargetBlock<TOut> target, DataflowLinkOptions linkOptions) => _output.LinkTo(target, linkOptions);

    /// <inheritdoc/>
    public bool TryReceive(Predicate<TOut>? filter, [MaybeNullWhen(false)] out TOut item) => _output.TryReceive(filter, out item);

    /// <inheritdoc/>
    public bool TryReceiveAll([NotNullWhen(true)] out IList<TOut>? items) => _output.TryReceiveAll(out items);

    TOut? ISourceBlock<TOut>.ConsumeMessage(DataflowMessageHeader messageHeader, ITargetBlock<TOut> target, out bool messageConsumed) =>
        Source.ConsumeMessage(messageHeader, target, out messageConsumed);

    bool ISourceBlock<TOut>.ReserveMessage(DataflowMessageHeader messageHeader, ITargetBlock<TOut> target) => Source.ReserveMessage(messageHeader, target);

    void ISourceBlock<TOut>.ReleaseReservation(DataflowMessageHeader messageHeader, ITargetBlock<TOut> target) =>
        Source.ReleaseReservation(messageHeader, target);

    private async Task PumpAsync(Func<IAsyncEnumerable<TIn>, IAsyncEnumerable<TOut>> transform, CancellationToken cancellation)
    {
        try
        {
            await foreach (var item in transform(ReceiveAsync()).WithCancellation(cancellation).ConfigureAwait(false))
            {
                if (!await _output.SendAsync(item, cancellation).ConfigureAwait(false))
                {
                    break;
                }
            }

            _output.Complete();
            // What the function did not read is dropped, so that no sender waits for room.
            _input.Complete();
            _input.LinkTo(DataflowBlock.NullTarget<TIn>());
        }
        catch (Exception e)
        {
            // A cancelled block cancels its completion itself.
            ((IDataflowBlock)_output).Fault(e);
            // Senders would wait for room that never comes.
            ((IDataflowBlock)_input).Fault(e);
        }
    }

    private async IAsyncEnumerable<TIn> ReceiveAsync()
    {
        while (await _input.OutputAvailableAsync().ConfigureAwait(false))
        {
            while (_input.TryReceive(out var item))
            {
                yield return item;
            }
        }

        // False for a faulted block too.
        await _input.Completion.ConfigureAwait(false);
    }
}
