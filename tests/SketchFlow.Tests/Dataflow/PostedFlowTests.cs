using System.Collections.Concurrent;
using System.Threading.Channels;
using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Tests.Dataflow;

/// <summary>Flows of items that arrive over time, and batches that do not wait for the last item.</summary>
public class PostedFlowTests
{
    private const int Timeout = 60_000;

    private static readonly TimeSpan _long = TimeSpan.FromHours(1);

    [Fact]
    public void A_flow_with_a_longest_delay_prints_it() => Assert.Equal(
        "posted -> same [1 worker, buffer 4] -> batch [up to 8 per batch, within 2.5 ms, 1 worker, buffer 3]; stops at the first error",
        Flow.From("posted", Channel.CreateUnbounded<int>().Reader.ReadAllAsync()).Map("same", i => i)
            .Batch("batch", 8, TimeSpan.FromMilliseconds(2.5), b => b.Sum()).ToString());

    [Fact]
    public void A_negative_delay_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Flow.From("numbers", Enumerable.Range(0, 3)).Batch("batch", 2, TimeSpan.FromTicks(-1), b => b.Count));

    [Fact(Timeout = Timeout)]
    public Task An_item_reaches_an_idle_sink_before_the_next_one_is_posted() => FlowTests.Off(() =>
    {
        var posted = Channel.CreateUnbounded<int>();
        using var run = Flow.From("posted", posted.Reader.ReadAllAsync()).Batch("batch", 100, TimeSpan.FromMilliseconds(1), b => b.ToArray()).Start();
        for (var i = 0; i < 50; i++)
        {
            Assert.True(posted.Writer.TryWrite(i));
            Assert.True(run.TryTake(out var batch));
            Assert.Equal([i], batch);
        }

        posted.Writer.Complete();
        Assert.False(run.TryTake(out _));
        Assert.Equal((50L, 50L, FlowOutcome.Complete), (run.Report.Read, run.Report.Processed, run.Report.End));
    });

    [Theory(Timeout = Timeout)]
    [InlineData(0)]
    [InlineData(1)]
    public Task What_arrives_while_the_sink_is_busy_is_one_batch(int milliseconds) => FlowTests.Off(() =>
    {
        var posted = Channel.CreateUnbounded<int>();
        var gathered = 0;
        using var run = Flow.From("posted", posted.Reader.ReadAllAsync())
            .Map("count", i =>
            {
                Interlocked.Increment(ref gathered);
                return i;
            })
            .Batch("batch", 100, TimeSpan.FromMilliseconds(milliseconds), b => b.ToArray()).Start();
        posted.Writer.TryWrite(0);
        Assert.True(run.TryTake(out _));
        Enumerable.Range(1, 40).ToList().ForEach(i => Assert.True(posted.Writer.TryWrite(i)));
        SpinWait.SpinUntil(() => Volatile.Read(ref gathered) == 41);
        Thread.Sleep(300);
        Assert.True(run.TryTake(out var rest));
        Assert.Equal(Enumerable.Range(1, 40), rest);
    });

    [Fact(Timeout = Timeout)]
    public Task A_full_batch_waits_for_no_delay_and_the_end_passes_on_the_rest() => FlowTests.Off(() =>
    {
        var posted = Channel.CreateUnbounded<int>();
        using var run = Flow.From("posted", posted.Reader.ReadAllAsync()).Batch("batch", 3, _long, b => b.ToArray()).Start();
        Enumerable.Range(0, 8).ToList().ForEach(i => posted.Writer.TryWrite(i));
        Assert.True(run.TryTake(out var first));
        Assert.True(run.TryTake(out var second));
        posted.Writer.Complete();
        Assert.True(run.TryTake(out var last));
        Assert.Equal([[0, 1, 2], [3, 4, 5], [6, 7]], (int[][])[first, second, last]);
    });

    [Fact(Timeout = Timeout)]
    public Task A_stop_ends_the_waiting_for_an_item() => FlowTests.Off(() =>
    {
        var posted = Channel.CreateUnbounded<int>();
        var abandoned = Flow.From("posted", posted.Reader.ReadAllAsync()).Batch("batch", 3, _long, b => b.Count).Start();
        posted.Writer.TryWrite(1);
        abandoned.Dispose();
        abandoned.Dispose();

        using var stop = new CancellationTokenSource();
        var never = Channel.CreateUnbounded<int>();
        using var cancelled = Flow.From("posted", never.Reader.ReadAllAsync()).Map("same", i => i).Start(cancellation: stop.Token);
        stop.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => cancelled.TryTake(out _));
    });

    [Fact(Timeout = Timeout)]
    public Task A_source_that_fails_stops_the_flow() => FlowTests.Off(() =>
    {
        var posted = Channel.CreateUnbounded<int>();
        posted.Writer.Complete(new InvalidOperationException("broken"));
        using var run = Flow.From("posted", posted.Reader.ReadAllAsync()).Map("same", i => i).Start();
        Assert.Equal("broken", Assert.Throws<SketchFlow.Dataflow.Execution.FlowException>(() => run.TryTake(out _)).InnerException?.Message);
    });

    [Fact(Timeout = Timeout)]
    public Task Whatever_the_times_of_arrival_every_item_is_delivered_once() => FlowTests.Off(() =>
    {
        var cases =
            from count in Gen.Choose(0, 120)
            from size in Gen.Choose(1, 9)
            from delay in Gen.Elements(0.0, 0.2, 1, 5)
            from workers in Gen.Choose(1, 3)
            from pauses in Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Choose(1, 3))).ArrayOf(count)
            from work in Gen.Choose(0, 2)
            select (count, size, delay, workers, pauses, work);
        foreach (var (count, size, delay, workers, pauses, work) in cases.Sample(20, 40))
        {
            var ledger = new Ledger();
            var posted = Channel.CreateUnbounded<Tracked>();
            var writer = Task.Run(async () =>
            {
                for (var i = 0; i < count; i++)
                {
                    await Task.Delay(pauses[i]);
                    posted.Writer.TryWrite(ledger.Make(i, "item"));
                }

                posted.Writer.Complete();
            });
            var (taken, rejected) = (new ConcurrentBag<int>(), new ConcurrentBag<long>());
            var report = Flow.From("posted", posted.Reader.ReadAllAsync())
                .Map("odd", t => t.Number % 5 == 0 ? new Rejected(t.Number, "item", "five") : Outcome<Tracked>.From(t), workers, ordered: false)
                .Batch("batch", size, TimeSpan.FromMilliseconds(delay), b => b.Select(t => t.Number).ToArray())
                .Run(
                    batch =>
                    {
                        Assert.InRange(batch.Length, 1, size);
                        Thread.Sleep(work);
                        Array.ForEach(batch, taken.Add);
                    },
                    r => rejected.Add(r.Id));
            writer.Wait();
            Assert.Equal(Enumerable.Range(0, count).Where(i => i % 5 != 0), taken.Order());
            Assert.Equal(Enumerable.Range(0, count).Where(i => i % 5 == 0).Select(i => (long)i), rejected.Order());
            Assert.Equal((count, FlowOutcome.Complete), ((int)report.Read, report.End));
            ledger.AssertEachDisposedOnce();
        }
    });
}
