using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Description;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Tests.Dataflow;

/// <summary>Wherever and whenever something throws, items add up and each message is disposed of exactly once.</summary>
public class FlowFaultTests
{
    private const int Count = 23;
    private const int Timeout = 60_000;

    public enum Place { Source, Map, Second, Batch, Sink, OnRejected, SourceEnd, SourceDispose }

    public static TheoryData<int, int, bool, FaultPolicy> Networks()
    {
        var data = new TheoryData<int, int, bool, FaultPolicy>();
        foreach (var room in (int[])[1, 3, 100])
        {
            foreach (var workers in (int[])[1, 2, 8])
            {
                foreach (var ordered in (bool[])[true, false])
                {
                    foreach (var faults in (FaultPolicy[])[FaultPolicy.Stop, FaultPolicy.Reject])
                    {
                        data.Add(room, workers, ordered, faults);
                    }
                }
            }
        }

        return data;
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Networks))]
    public Task Items_add_up_and_messages_are_disposed_once_wherever_it_throws(int room, int workers, bool ordered, FaultPolicy faults) => FlowTests.Off(() =>
    {
        foreach (var place in Enum.GetValues<Place>())
        {
            foreach (var at in (int[])[0, 1, Count - 1, Count])
            {
                var ledger = new Ledger();
                var processed = 0;
                var rejected = new List<Rejected>();
                var flow = Network(ledger, place, at, new Shape(room, workers, ordered, faults));

                // No stage sees item number N; only the end of the source can throw there.
                var stops = place is Place.SourceEnd or Place.SourceDispose
                    || (at < Count && (faults == FaultPolicy.Stop || place is Place.Source or Place.Sink or Place.OnRejected))
                    || (at == Count && place == Place.Source);
                var what = $"{place} at {at} with {flow}";
                void Sink(IReadOnlyList<Tracked> batch)
                {
                    if (place == Place.Sink && batch.Any(t => t.Number == at))
                    {
                        throw new InvalidDataException("sink");
                    }

                    processed += batch.Count;
                }

                void OnRejected(Rejected r)
                {
                    rejected.Add(r);
                    if (place == Place.OnRejected)
                    {
                        throw new InvalidDataException("onRejected");
                    }
                }

                FlowReport report;
                if (stops)
                {
                    var error = Assert.Throws<FlowException>(() => flow.Run(Sink, OnRejected));
                    Assert.IsType<InvalidDataException>(error.InnerException);
                    Assert.Equal(StageOf(place), error.Stage);
                    report = error.Report;
                    Assert.Equal(FlowOutcome.Faulted, report.End);
                }
                else
                {
                    report = flow.Run(Sink, OnRejected);
                    Assert.True(report.End == FlowOutcome.Complete, what);
                    Assert.Equal(0, report.Dropped);
                    Assert.Equal(Count, report.Read);
                    var group = place == Place.Batch && at < Count ? Math.Min(4, Count - (at / 4 * 4)) : 1;
                    // Without order, the failing item may or may not be in the last, smaller batch.
                    Assert.InRange(report.Rejected, at == Count ? 0 : ordered ? group : 1, at == Count ? 0 : ordered ? group : 4);
                }

                Assert.Equal(processed, report.Processed);
                Assert.Equal(rejected.Count, report.Rejected);
                Assert.Equal(report.Read, report.Processed + report.Rejected + report.Dropped);
                ledger.AssertEachDisposedOnce();
            }
        }
    });

    [Property(MaxTest = 60)]
    public Property Cancellation_at_any_moment_neither_hangs_nor_leaks()
    {
        var cases =
            from workers in Gen.Elements(1, 2, 4)
            from room in Gen.Elements(1, 4)
            from ordered in Gen.Elements(true, false)
            from quiet in Gen.Elements(true, false)
            from place in Gen.Elements(Place.Source, Place.Map, Place.Second, Place.Batch, Place.Sink)
            from moment in Gen.Choose(0, 60)
            select (workers, room, ordered, quiet, place, moment);
        return Prop.ForAll(cases.ToArbitrary(), EndsCleanly);
    }

    [Property(MaxTest = 40)]
    public bool Workers_room_and_order_change_no_result(byte items, bool ordered)
    {
        (List<int> Values, List<long> Rejected) Results(int workers, int room)
        {
            var (values, rejected) = (new List<int>(), new List<long>());
            var report = Flow.From("numbers", Enumerable.Range(0, items))
                .Map("thirds", i => i % 3 == 1 ? new Rejected(i, $"{i}", "third") : Outcome<int>.From(i), workers, ordered)
                .Map("chance", i => KeyedRandom.For(1, 2, i, "test").NextInteger(0, 1000), workers, ordered)
                .With(o => o with { MessagesPerWorker = room })
                .Run(values.Add, r => rejected.Add(r.Id));
            Assert.Equal(items, report.Processed + report.Rejected);
            if (!ordered)
            {
                values.Sort();
                rejected.Sort();
            }

            return (values, rejected);
        }

        var one = Results(1, 4);
        return ((int, int)[])[(2, 1), (2, 4), (8, 3)] is var others
            && others.Select(o => Results(o.Item1, o.Item2)).All(r => r.Values.SequenceEqual(one.Values) && r.Rejected.SequenceEqual(one.Rejected));
    }

    private static bool EndsCleanly((int workers, int room, bool ordered, bool quiet, Place place, int moment) c)
    {
        var ledger = new Ledger();
        using var source = new CancellationTokenSource();
        void At(Place place, int number)
        {
            if (place == c.place && number == c.moment)
            {
                source.Cancel();
                // Some functions check the token themselves, others do not.
                if (number % 2 == 0)
                {
                    source.Token.ThrowIfCancellationRequested();
                }
            }
        }

        IEnumerable<int> Numbers()
        {
            for (var i = 0; i < 50; i++)
            {
                At(Place.Source, i);
                yield return i;
            }
        }

        var flow = Flow.From("numbers", Numbers())
            .Map("map", i =>
            {
                At(Place.Map, i);
                return ledger.Make(i, "item");
            }, c.workers, c.ordered)
            .Map("second", t =>
            {
                At(Place.Second, t.Number);
                return ledger.Make(t.Number, "copy");
            }, c.workers, c.ordered)
            .Batch("batch", 3, b =>
            {
                At(Place.Batch, b[0].Number);
                return ledger.Make(b[0].Number, "batch");
            })
            .With(o => o with { MessagesPerWorker = c.room, ThrowWhenCancelled = !c.quiet });
        FlowReport? report = null;
        var ended = FlowTests.Off(() =>
        {
            using var run = flow.Start(cancellation: source.Token);
            try
            {
                while (run.TryTake(out var batch))
                {
                    At(Place.Sink, batch.Number);
                }
            }
            catch (OperationCanceledException)
            {
            }

            run.Dispose();
            report = run.Report;
        });
        if (!ended.Wait(Timeout))
        {
            throw new TimeoutException("The flow hangs.");
        }

        ended.GetAwaiter().GetResult();
        ledger.AssertEachDisposedOnce();
        return report!.Read == report.Processed + report.Rejected + report.Dropped
            && (report.End == FlowOutcome.Complete ? report.Read == 50 : source.IsCancellationRequested);
    }

    private static string StageOf(Place place) => place switch
    {
        Place.Sink => "sink",
        Place.OnRejected => "onRejected",
        Place.Map => "map",
        Place.Second => "second",
        Place.Batch => "batch",
        _ => "numbers",
    };

    private static Flow<IReadOnlyList<Tracked>> Network(Ledger ledger, Place place, int at, Shape shape)
    {
        var (room, workers, ordered, faults) = shape;
        void At(Place here, int number)
        {
            if (here == place && number == at)
            {
                throw new InvalidDataException(here.ToString());
            }
        }

        IEnumerable<int> Numbers()
        {
            try
            {
                for (var i = 0; i < Count; i++)
                {
                    At(Place.Source, i);
                    yield return i;
                }

                At(Place.Source, Count);
                At(Place.SourceEnd, at);
            }
            finally
            {
                At(Place.SourceDispose, at);
            }
        }

        return Flow.From("numbers", Numbers())
            .Map("map", i =>
            {
                At(Place.Map, i);
                return ledger.Make(i, "item");
            }, workers, ordered)
            .Map("second", t =>
            {
                At(Place.Second, t.Number);
                return place == Place.OnRejected && t.Number == at
                    ? Outcome<Tracked>.Reject(new Rejected(t.Number, "", "as the test requires"))
                    : Outcome<Tracked>.From(ledger.Make(t.Number, "copy"));
            }, workers, ordered)
            .Map("same", t => t, workers == 8 ? 2 : workers, ordered)
            .Batch("batch", 4, batch =>
            {
                foreach (var member in batch)
                {
                    At(Place.Batch, member.Number);
                }

                return batch;
            })
            .With(o => o with { Faults = faults, MessagesPerWorker = room, Prefetch = room - 1 });
    }

    /// <summary>Sizes and policies of a network.</summary>
    private sealed record Shape(int Room, int Workers, bool Ordered, FaultPolicy Faults);
}
