using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Tracking.Mlflow;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

public class MlflowTrackerTests
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<string> _log = new();

    [Fact(Timeout = 30_000)]
    public async Task A_server_receives_the_recipe_every_epoch_and_the_final_status()
    {
        await Task.Yield();
        using var server = new FakeMlflow();
        using var run = new FakeRun();
        using (var tracker = Tracker(server.Address))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.75);
            tracker.Ended(RunEnd.Complete, null);
        }

        var there = server.Runs["run1"];
        Assert.Equal(("one", "FINISHED", server.Experiments["few"]), (there.Name, there.Status, there.Experiment));
        Assert.NotNull(there.EndTime);
        Assert.Equal(RecipeKeys.Flatten(run.Recipe), new SortedDictionary<string, string>(there.Params, StringComparer.Ordinal));
        Assert.Equal([(0.5, 1L), (0.75, 2)], there.Metrics.Where(m => m.Key == "val_accuracy").Select(m => (m.Value, m.Step)));
        var metrics = MetricsTable.ReadRun(run.Folder);
        Assert.Equal(metrics.Values(metrics.Rows[1]).Order(), there.Metrics.Where(m => m.Step == 2).Select(m => (m.Key, m.Value)).Order());
        Assert.Empty(_log);
    }

    public static TheoryData<int, string> OddAnswers => new()
    {
        { 404, """{"error_code": 5}""" },
        { 404, """{"error_code": {"a": 1}}""" },
        { 404, "[1, 2]" },
        { 404, "\"text\"" },
        { 404, "null" },
        { 200, "null" },
        { 200, "[]" },
        { 200, "17" },
        { 200, "true" },
        { 200, "" },
        { 200, "<!DOCTYPE html><html>Sign in</html>" },
        { 200, """{"experiment": 3}""" },
        { 200, """{"experiment": {"experiment_id": 7}}""" },
        { 200, """{"experiment": {"experiment_id": ["1"]}}""" },
        { 200, """{"experiment": {"experiment_id": "1"}, "run": []}""" },
        { 200, """{"experiment": {"experiment_id": "1"}, "run": {"info": "x"}}""" },
        { 200, """{"experiment": {"experiment_id": "1", "experiment_id": "2"}}""" },
        { 200, """{"experiment": {"experiment_id": "\ud800"}}""" },
        { 200, """{"\ud800": 1, "\ud800": 2}""" },
        { 400, """{"message": ["\u001b[31mred"]}""" },
        { 400, """{"message": "\u001b[31mred\u0007"}""" },
        { 302, "moved" },
        { 599, "{" },
        { 200, new string('[', 100_000) },
        { 200, new string(' ', 2_000_000) },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(OddAnswers))]
    public async Task No_answer_whatever_ends_the_training(int status, string body)
    {
        await Task.Yield();
        using var server = new FakeMlflow { Always = (status, body) };
        using var run = new FakeRun();
        using (var tracker = Tracker(server.Address, patience: TimeSpan.FromMilliseconds(200)))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.NotEmpty(_log);
        Assert.All(_log, line =>
        {
            Assert.DoesNotContain(line, c => char.IsControl(c));
            Assert.True(line.Length < 1500, line);
            Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        });
        using var store = new MlflowServer(server.Address, _ => null);
        var thrown = Assert.ThrowsAny<Exception>(() => store.CreateRun(store.FindOrCreateExperiment("e"), "r", 1));
        Assert.True(thrown is MlflowRefusalException or HttpRequestException, thrown.ToString());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_temporarily_unreachable_server_stops_nothing_and_misses_nothing()
    {
        await Task.Yield();
        using var server = new FakeMlflow { Failures = 4 };
        using var run = new FakeRun();
        using (var tracker = Tracker(server.Address))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.6);
            run.Epoch(tracker, 0.7);
            tracker.Ended(RunEnd.Patience, null);
        }

        Assert.Equal([0.5, 0.6, 0.7], server.Runs.Values.Single().Metrics.Where(m => m.Key == "val_accuracy").Select(m => m.Value));
        Assert.Equal("FINISHED", server.Runs.Values.Single().Status);
        Assert.Single(_log, s => s.Contains("does not respond", StringComparison.Ordinal) && s.Contains("training continues", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task Without_a_server_the_run_ends_with_a_message_how_to_send_it_later_and_sync_sends_it()
    {
        await Task.Yield();
        using var run = new FakeRun();
        // A port that is bound and on which nobody listens refuses connections, and no other program can take it.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using (var tracker = Tracker($"http://{bound.LocalEndPoint}", patience: TimeSpan.FromMilliseconds(200)))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.Contains(_log, s => s.Contains("sketchflow runs sync one", StringComparison.Ordinal));
        using var server = new FakeMlflow();
        using var store = new MlflowServer(server.Address, _ => null);
        new MlflowSync(store, run.Folder, "later").Push(MetricsTable.ReadRun(run.Folder), MlflowStatus.Finished);
        var there = server.Runs.Values.Single();
        Assert.Equal((0.5, "FINISHED"), (there.Metrics.Single(m => m.Key == "val_accuracy").Value, there.Status));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_server_that_rejects_a_run_is_reported_once_and_not_called_again()
    {
        await Task.Yield();
        using var server = new FakeMlflow { Authorization = "Bearer other" };
        using var run = new FakeRun();
        using (var tracker = Tracker(server.Address))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.Contains("401", Assert.Single(_log), StringComparison.Ordinal);
        Assert.Equal(1, server.Calls);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_resumed_run_continues_under_its_id_and_sends_no_epoch_twice()
    {
        await Task.Yield();
        using var server = new FakeMlflow();
        using var run = new FakeRun();
        using (var tracker = Tracker(server.Address))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            tracker.Ended(RunEnd.Interrupted, null);
            Assert.Equal("KILLED", server.Runs["run1"].Status);
        }

        using (var tracker = Tracker(server.Address))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.6);
            tracker.Ended(RunEnd.Complete, null);
        }

        var there = Assert.Single(server.Runs).Value;
        Assert.Equal([(0.5, 1L), (0.6, 2)], there.Metrics.Where(m => m.Key == "val_accuracy").Select(m => (m.Value, m.Step)));
        Assert.Equal("FINISHED", there.Status);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_does_not_stop_training()
    {
        using var folder = new TemporaryFolder().With("mlruns", "a file");
        using var run = new FakeRun();
        using (var tracker = new MlflowTracker(new MlflowFiles(Path.Combine(folder.Root, "mlruns")), null, _log.Enqueue, TimeSpan.FromMilliseconds(50), _soon))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.NotEmpty(_log);
    }

    private MlflowTracker Tracker(string address, TimeSpan? patience = null) =>
        new(new MlflowServer(address, _ => null), null, _log.Enqueue, patience ?? TimeSpan.FromSeconds(5), _soon);
}
