using System.Threading.Tasks.Dataflow;
using SketchFlow.Dataflow;

namespace SketchFlow.Tests.Dataflow;

/// <summary>A block around a function of streams completes, faults and is cancelled as the blocks of TPL Dataflow are.</summary>
public class StreamBlockTests
{
    private const int Timeout = 60_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Timeout)]
    public async Task Messages_keep_their_order_and_completion_comes_after_the_last()
    {
        var block = new StreamBlock<int, string>(numbers => numbers.Select(n => $"{n}"), 3, Cancellation);
        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    Assert.True(await block.SendAsync(i, Cancellation));
                }

                block.Complete();
            },
            Cancellation);
        var received = await block.ReceiveAllAsync(Cancellation).ToListAsync(Cancellation);
        await sending;
        await block.Completion;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), received);
        Assert.False(await block.SendAsync(1, Cancellation));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_fault_of_the_function_faults_the_block_and_frees_its_senders()
    {
        var block = new StreamBlock<int, int>(numbers => numbers.Select(n => n < 2 ? n : throw new InvalidDataException("two")), 1, Cancellation);
        var receiving = block.ReceiveAllAsync(Cancellation).ToListAsync(Cancellation).AsTask();
        var sent = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => block.SendAsync(i, Cancellation)).ToArray());
        Assert.Contains(false, sent);
        await Assert.ThrowsAnyAsync<Exception>(() => block.Completion);
        Assert.IsType<InvalidDataException>(block.Completion.Exception!.Flatten().InnerException);
        await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_fault_of_the_network_faults_the_block()
    {
        var block = new StreamBlock<int, int>(numbers => numbers, 2, Cancellation);
        block.Fault(new InvalidDataException("before"));
        await Assert.ThrowsAnyAsync<Exception>(() => block.Completion);
        Assert.Contains("before", block.Completion.Exception!.Flatten().ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancellation_cancels_the_block()
    {
        using var stop = new CancellationTokenSource();
        var block = new StreamBlock<int, int>(numbers => numbers, 1, stop.Token);
        await block.SendAsync(1, Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => block.Completion);
        Assert.False(await block.SendAsync(1, Cancellation));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_function_that_ends_early_ends_the_block_and_frees_its_senders()
    {
        var block = new StreamBlock<int, int>(numbers => numbers.Take(2), 1, Cancellation);
        var sending = Task.WhenAll(Enumerable.Range(0, 10).Select(i => block.SendAsync(i, Cancellation)).ToArray());
        Assert.Equal(2, (await block.ReceiveAllAsync(Cancellation).ToListAsync(Cancellation)).Count);
        await block.Completion;
        Assert.Contains(false, await sending);
    }
}
