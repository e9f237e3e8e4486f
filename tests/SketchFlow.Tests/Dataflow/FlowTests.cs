using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Description;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Tests.Dataflow;

public class FlowTests
{
    private const int Timeout = 20_000;

    [Fact]
    public void A_flow_prints_itself_in_one_line()
    {
        var flow = Flow.From("files", Enumerable.Range(0, 9))
            .Map("decode", i => i, workers: 2)
            .Map("letterbox", i => i, workers: 2)
            .Map("check", i => i)
            .Batch("batch", 64, b => b.Sum(), LastBatch.Drop)
            .Map("sum", i => i, workers: 3, ordered: false)
            .With(o => o with { Faults = FaultPolicy.Reject });

        Assert.Equal(
            "files -> decode + letterbox [2 workers, buffer 8] -> check [1 worker, buffer 4] -> " +
            "batch [64 per batch, last dropped, 1 worker, buffer 3] -> sum [3 workers, unordered, buffer 5]; rejects items that fail",
            flow.ToString());
        Assert.Equal("numbers; stops at the first error", Flow.From("numbers", Array.Empty<int>()).ToString());
    }

    [Fact(Timeout = Timeout)]
    public Task A_flow_without_stages_passes_its_items_to_the_sink() => Off(() =>
    {
        var taken = new List<int>();
        var report = Flow.From("numbers", Enumerable.Range(0, 100)).Run(taken.Add);

        Assert.Equal(Enumerable.Range(0, 100), taken);
        Assert.Equal("read 100 = processed 100 + rejected 0", report.ToString());
        Assert.Equal(FlowOutcome.Complete, report.End);
    });

    [Fact(Timeout = Timeout)]
    public Task An_empty_source_ends_immediately() => Off(() =>
    {
        var report = Flow.From("numbers", Array.Empty<int>()).Map("same", i => i).Batch("batch", 4).Run(_ => Assert.Fail("There is nothing."));
        Assert.Equal((0L, FlowOutcome.Complete), (report.Read, report.End));
    });

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(3)]
    public Task In_the_background_only_the_sink_runs_at_normal_priority(int workers) => Off(() =>
    {
        var threads = new ConcurrentBag<string?>();
        T Here<T>(T value)
        {
            threads.Add(Thread.CurrentThread.Name);
            return value;
        }

        // Capacities are small compared with 200 items, so that the source, the stages and the gathering wait for room and then continue.
        var sums = 0;
        Flow.From("numbers", Enumerable.Range(0, 200).Select(Here))
            .Map("same", Here, workers)
            .Batch("batch", 8, group => Here(group.Sum()))
            .Map("again", Here)
            .With(o => o with { Background = true, MessagesPerWorker = 1, Prefetch = 1 })
            .Run(sum => sums += sum);

        Assert.Equal(199 * 200 / 2, sums);
        Assert.Equal(200 + 200 + 25 + 25, threads.Count);
        Assert.All(threads, name => Assert.StartsWith("flow worker", name, StringComparison.Ordinal));
    });

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public Task Order_is_kept_for_any_number_of_workers(int workers) => Off(() =>
    {
        var taken = new List<int>();
        Flow.From("numbers", Enumerable.Range(0, 300))
            .Map("wait", i =>
            {
                Thread.SpinWait((i * 7919 % 13) * 400);
                return i;
            }, workers)
            .Map("double", i => 2 * i, workers)
            .Run(taken.Add);

        Assert.Equal(Enumerable.Range(0, 300).Select(i => 2 * i), taken);
    });

    [Fact(Timeout = Timeout)]
    public Task Unordered_stages_lose_nothing_and_let_quick_items_overtake() => Off(() =>
    {
        using var overtaken = new ManualResetEventSlim();
        var taken = new List<int>();
        Flow.From("numbers", Enumerable.Range(0, 50))
            .Map("wait", i =>
            {
                if (i == 0)
                {
                    Assert.True(overtaken.Wait(Timeout), "Nothing overtook the first item.");
                }

                return i;
            }, workers: 2, ordered: false)
            .Run(i =>
            {
                taken.Add(i);
                overtaken.Set();
            });

        Assert.Equal(Enumerable.Range(0, 50), taken.Order());
        Assert.NotEqual(0, taken[0]);
    });

    [Fact(Timeout = Timeout)]
    public Task The_sink_and_the_rejections_run_on_the_calling_thread() => Off(() =>
    {
        var caller = Environment.CurrentManagedThreadId;
        var threads = new HashSet<int>();
        Flow.From("numbers", Enumerable.Range(0, 200))
            .Map("even", Even, workers: 2)
            .Run(_ => threads.Add(Environment.CurrentManagedThreadId), _ => threads.Add(Environment.CurrentManagedThreadId));
        Assert.Equal([caller], threads);
    });

    [Fact(Timeout = Timeout)]
    public Task Rejections_come_in_their_items_place() => Off(() =>
    {
        var seen = new List<long>();
        var report = Flow.From("numbers", Enumerable.Range(0, 200))
            .Map("even", Even, workers: 8)
            .Run(i => seen.Add(i), r => seen.Add(r.Id));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), seen);
        Assert.Equal("read 200 = processed 100 + rejected 100", report.ToString());
    });

    [Fact(Timeout = Timeout)]
    public Task Rejected_items_do_not_count_in_batches() => Off(() =>
    {
        var seen = new List<string>();
        var report = Flow.From("numbers", Enumerable.Range(0, 11))
            .Map("even", Even, workers: 2)
            .Batch("batch", 2)
            .Run(b => seen.Add(string.Join('+', b)), r => seen.Add($"no {r.Id}"));

        Assert.Equal(["no 1", "0+2", "no 3", "no 5", "4+6", "no 7", "no 9", "8+10"], seen);
        Assert.Equal((11L, 6L, 5L), (report.Read, report.Processed, report.Rejected));
    });

    [Theory(Timeout = Timeout)]
    [InlineData(LastBatch.Keep, 3, 10, 0)]
    [InlineData(LastBatch.Drop, 2, 8, 2)]
    public Task The_last_partial_batch_is_kept_or_dropped(LastBatch last, int batches, int processed, int left) => Off(() =>
    {
        var ledger = new Ledger();
        var count = 0;
        var report = Flow.From("numbers", Enumerable.Range(0, 10))
            .Map("make", i => ledger.Make(i, "item"))
            .Batch("batch", 4, last)
            .Run(_ => count++);

        Assert.Equal(batches, count);
        Assert.Equal((processed, left, left, FlowOutcome.Complete), ((int)report.Processed, (int)report.Dropped, (int)report.LeftOver, report.End));
        ledger.AssertEachDisposedOnce();
    });

    [Fact(Timeout = Timeout)]
    public Task The_same_instance_may_be_returned_and_is_disposed_once() => Off(() =>
    {
        var ledger = new Ledger();
        Flow.From("items", Enumerable.Range(0, 20).Select(i => ledger.Make(i, "item")))
            .Map("same", t => t)
            .Batch("first", 3, group => group[0])
            .Batch("pairs", 2)
            .Batch("pairs of pairs", 2)
            .Run(four => Assert.All(four.SelectMany(pair => pair), t => Assert.Equal(0, t.Number % 3)));
        Assert.Equal(20, ledger.Made);
        ledger.AssertEachDisposedOnce();
    });

    [Fact(Timeout = Timeout)]
    public Task A_batch_that_a_later_stage_rejects_is_rejected_member_by_member() => Off(() =>
    {
        var rejected = new List<Rejected>();
        var samples = Enumerable.Range(0, 4).Select(i => new Sample(10 + i, $"{i}.png", $"/none/{i}.png", null));
        var report = Flow.From("files", samples)
            .Batch("pair", 2, pair => pair[0].Id)
            .Map("choose", id => id == 10 ? new Rejected(0, "", "bad pair") : Outcome<long>.From(id))
            .Run(id => Assert.Equal(12, id), rejected.Add);

        Assert.Equal([new(10, "0.png", "bad pair"), new(11, "1.png", "bad pair")], rejected);
        Assert.Equal((4L, 2L, 2L), (report.Read, report.Processed, report.Rejected));
    });

    [Fact(Timeout = Timeout)]
    public Task Items_add_up_when_onRejected_throws_in_the_middle_of_a_batch() => Off(() =>
    {
        var ledger = new Ledger();
        var flow = Flow.From("numbers", Enumerable.Range(0, 10))
            .Map("make", i => ledger.Make(i, "item"))
            .Batch<int>("batch", 4, _ => throw new InvalidDataException("no batch"))
            .With(o => o with { Faults = FaultPolicy.Reject });

        var error = Assert.Throws<FlowException>(() => flow.Run(_ => { }, r =>
        {
            if (r.Id == 1)
            {
                throw new InvalidDataException("onRejected");
            }
        }));

        Assert.Equal("onRejected", error.Stage);
        Assert.Equal((2L, 0L), (error.Report.Rejected, error.Report.Processed));
        Assert.Equal(error.Report.Read, error.Report.Rejected + error.Report.Dropped);
        ledger.AssertEachDisposedOnce();
    });

    [Fact(Timeout = Timeout)]
    public Task Fused_stages_work_on_an_item_on_one_thread() => Off(() =>
    {
        Flow.From("numbers", Enumerable.Range(0, 500))
            .Map("first", i => (i, Thread: Environment.CurrentManagedThreadId), workers: 2)
            .Map("second", first => (first.i, first.Thread, Second: Environment.CurrentManagedThreadId), workers: 2)
            .Run(both => Assert.Equal(both.Thread, both.Second));
    });

    [Fact(Timeout = Timeout)]
    public Task Pixels_go_back_to_their_pool_behind_the_batch() => Off(() =>
    {
        var made = new System.Collections.Concurrent.ConcurrentBag<Pixels>();
        var samples = Enumerable.Range(0, 10).Select(i => new Sample(i, $"{i}.png", $"/none/{i}.png", i));
        PixelBatch? kept = null;
        Flow.From("files", samples)
            .Map("decode", s =>
            {
                var pixels = Pixels.From(s, 2, 1, 1, [(byte)s.Id, 255]);
                made.Add(pixels);
                return Outcome<Pixels>.From(pixels);
            }, workers: 2)
            .Batch("batch", 4, PixelBatch.Stack)
            .Run(batch =>
            {
                Assert.Equal(batch.Samples.Select(s => (byte)s.Id), batch.Bytes.ToArray().Where((_, i) => i % 2 == 0));
                kept = batch;
            });
        Assert.Equal(10, made.Count);
        Assert.All(made, p => Assert.Throws<ObjectDisposedException>(() => p.Buffer));
        Assert.Throws<ObjectDisposedException>(() => kept!.Buffer);
    });

    [Fact(Timeout = Timeout)]
    public Task A_stopped_flow_names_the_stage_and_the_item() => Off(() =>
    {
        var samples = Enumerable.Range(0, 4).Select(i => new Sample(i, $"{i}.png", $"/none/{i}.png", null));
        var flow = Flow.From("files", samples).Map("decode", s => s.Id == 2 ? throw new FormatException("no header") : s);

        var error = Assert.Throws<FlowException>(() => flow.Run(_ => { }));

        Assert.Equal("\"decode\" failed on #2 2.png: no header", error.Message);
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Equal(FlowOutcome.Faulted, error.Report.End);
    });

    [Fact(Timeout = Timeout)]
    public Task A_rejecting_flow_gives_the_reason() => Off(() =>
    {
        var rejected = new List<Rejected>();
        var samples = Enumerable.Range(0, 4).Select(i => new Sample(i, $"{i}.png", $"/none/{i}.png", null));
        Flow.From("files", samples).Map("decode", s => s.Id == 2 ? throw new FormatException("no header\nat all") : s)
            .With(o => o with { Faults = FaultPolicy.Reject })
            .Run(_ => { }, rejected.Add);
        Assert.Equal([new(2, "2.png", "decode: no header")], rejected);
    });

    [Theory(Timeout = Timeout)]
    [InlineData(FaultPolicy.Stop)]
    [InlineData(FaultPolicy.Reject)]
    public Task A_stage_that_throws_OperationCanceledException_does_not_lose_its_item_silently(FaultPolicy faults) => Off(() =>
    {
        var rejected = new List<Rejected>();
        var flow = Flow.From("numbers", Enumerable.Range(0, 10))
            .Map("odd", i => i == 5 ? throw new OperationCanceledException("not ours") : i)
            .With(o => o with { Faults = faults });
        if (faults == FaultPolicy.Stop)
        {
            Assert.IsType<OperationCanceledException>(Assert.Throws<FlowException>(() => flow.Run(_ => { })).InnerException);
        }
        else
        {
            Assert.Equal((9L, 1L), flow.Run(_ => { }, rejected.Add) is var report ? (report.Processed, report.Rejected) : default);
            Assert.Equal(5, Assert.Single(rejected).Id);
        }
    });

    [Fact(Timeout = Timeout)]
    public Task A_stage_that_returns_null_is_a_bad_program() => Off(() =>
    {
        var flow = Flow.From("numbers", Enumerable.Range(0, 3)).Map("nothing", string (_) => null!);
        Assert.Contains("returned null", Assert.Throws<FlowException>(() => flow.Run(_ => { })).Message, StringComparison.Ordinal);
    });

    [Fact(Timeout = Timeout)]
    public Task A_message_that_cannot_be_disposed_stops_the_flow() => Off(() =>
    {
        var flow = Flow.From("streams", Enumerable.Range(0, 3).Select(_ => new Undisposable())).Map("length", _ => 1);
        Assert.Equal("length", Assert.Throws<FlowException>(() => flow.Run(_ => { })).Stage);
    });

    [Fact(Timeout = Timeout)]
    public Task An_endless_source_is_read_only_as_far_as_there_is_room() => Off(() =>
    {
        var read = 0;
        IEnumerable<int> Endless()
        {
            while (true)
            {
                yield return Interlocked.Increment(ref read);
            }
        }

        var flow = Flow.From("endless", Endless()).Map("same", i => i, workers: 2).Batch("batch", 5, b => b.Count);
        using var run = flow.Start();
        for (var batch = 1; batch <= 20; batch++)
        {
            Assert.True(run.TryTake(out var count));
            Assert.Equal(5, count);
            // Batches: taken, finished or in work (3), collected (1). Items: being collected (4), in the fused maps (8), between source and first block (1).
            Assert.InRange(Volatile.Read(ref read), 5 * batch, (5 * (batch + 4)) + 4 + 8 + 1);
        }

        run.Dispose();
        Assert.Equal(FlowOutcome.Abandoned, run.Report.End);
        Assert.Equal(run.Report.Read, run.Report.Processed + run.Report.Dropped);
    });

    [Fact(Timeout = Timeout)]
    public Task A_run_started_early_prefetches() => Off(() =>
    {
        using var full = new CountdownEvent(4);
        var flow = Flow.From("numbers", Enumerable.Range(0, 40)).Map("same", i =>
        {
            if (i < 4)
            {
                full.Signal();
            }

            return i;
        });
        using var run = flow.Start();
        Assert.True(full.Wait(Timeout), "Nothing was prepared before the first TryTake.");
        Assert.Throws<InvalidOperationException>(() => run.Report);
        for (var i = 0; i < 40; i++)
        {
            Assert.True(run.TryTake(out var item));
            Assert.Equal(i, item);
        }

        Assert.False(run.TryTake(out _));
        Assert.False(run.TryTake(out _));
        Assert.Equal(40, run.Report.Processed);
    });

    [Fact(Timeout = Timeout)]
    public Task Two_runs_of_one_description_are_independent() => Off(() =>
    {
        var ledger = new Ledger();
        var flow = Flow.From("numbers", Enumerable.Range(0, 100)).Map("make", i => ledger.Make(i, "item"), workers: 2).Batch("batch", 7);
        using var first = flow.Start();
        using var second = flow.Start();
        var (one, two) = (new List<int>(), new List<int>());
        while (first.TryTake(out var a) | second.TryTake(out var b))
        {
            one.AddRange(a?.Select(t => t.Number) ?? []);
            two.AddRange(b?.Select(t => t.Number) ?? []);
        }

        Assert.Equal(Enumerable.Range(0, 100), one);
        Assert.Equal(one, two);
        Assert.Equal((100L, 100L), (first.Report.Processed, second.Report.Processed));
        ledger.AssertEachDisposedOnce();
    });

    [Fact(Timeout = Timeout)]
    public Task Cancellation_throws_or_ends_quietly() => Off(() =>
    {
        using var source = new CancellationTokenSource();
        var flow = Flow.From("numbers", Enumerable.Range(0, int.MaxValue)).Map("same", i => i, workers: 2);
        void CancelAtTen(int i)
        {
            if (i == 10)
            {
                source.Cancel();
            }
        }

        Assert.Throws<OperationCanceledException>(() => flow.Run(CancelAtTen, cancellation: source.Token));

        using var again = new CancellationTokenSource();
        var report = flow.With(o => o with { ThrowWhenCancelled = false }).Run(i =>
        {
            if (i == 10)
            {
                again.Cancel();
                again.Token.ThrowIfCancellationRequested();
            }
        }, cancellation: again.Token);
        Assert.True(report.Cancelled);
        Assert.Equal(10, report.Processed);
        Assert.EndsWith("(cancelled)", report.ToString(), StringComparison.Ordinal);
    });

    [Fact(Timeout = Timeout)]
    public Task The_report_counts_each_stage_and_names_the_slowest() => Off(() =>
    {
        var report = Flow.From("numbers", Enumerable.Range(0, 60))
            .Map("even", Even, workers: 2)
            .Map("slow", i =>
            {
                Thread.Sleep(2);
                return i;
            }, workers: 2)
            .Batch("batch", 10, b => b.Count)
            .Run(_ => { });

        Assert.Equal("slow", report.Bottleneck);
        Assert.Equal(
            [("even", 60, 30, 30), ("slow", 30, 30, 0), ("batch", 30, 3, 0)],
            report.Stages.Select(s => (s.Name, (int)s.In, (int)s.Out, (int)s.Rejected)));
        Assert.Equal(
            [("numbers", "even + slow"), ("even + slow", "batch (gathering)"), ("batch (gathering)", "batch"), ("batch", "sink")],
            report.Queues.Select(q => (q.From, q.To)));
        Assert.All(report.Queues, q => Assert.InRange(q.Mean, 0, q.Max));
        Assert.InRange(report.Queues[0].Max, 1, 9);
    });

    [Fact]
    public void Wrong_descriptions_are_refused_when_made()
    {
        var flow = Flow.From("numbers", Enumerable.Range(0, 3)).Map("same", i => i);
        Assert.Throws<ArgumentException>(() => flow.Map("same", i => i));
        Assert.Throws<ArgumentException>(() => flow.Map("numbers", i => i));
        Assert.Throws<ArgumentException>(() => flow.Map("sink", i => i));
        Assert.Throws<ArgumentException>(() => flow.Map(" ", i => i));
        Assert.Throws<ArgumentOutOfRangeException>(() => flow.Map("other", i => i, workers: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => flow.Batch("other", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => flow.With(o => o with { MessagesPerWorker = 0 }));
        Assert.Throws<ArgumentException>(() => flow.Map("other", _ => default(DisposableStruct)));
        Assert.Throws<ArgumentException>(() => Flow.From("", Enumerable.Range(0, 3)));
    }

    /// <summary>Runs a test's body on a thread of its own, so that xunit's time-out works.</summary>
    internal static async Task Off(Action body)
    {
        ExceptionDispatchInfo? error = null;
        await Task.Factory.StartNew(
            () =>
            {
                try
                {
                    body();
                }
                catch (Exception e)
                {
                    error = ExceptionDispatchInfo.Capture(e);
                }
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        error?.Throw();
    }

    private static Outcome<int> Even(int i) => i % 2 == 0 ? i : new Rejected(i, $"{i}", "odd");

    private readonly struct DisposableStruct : IDisposable
    {
        public void Dispose() { }
    }

    private sealed class Undisposable : IDisposable
    {
        public void Dispose() => throw new NotSupportedException("not to be disposed");
    }
}
