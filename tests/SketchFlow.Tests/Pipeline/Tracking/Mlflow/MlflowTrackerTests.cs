using System.Collections.Concurrent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Tracking.Mlflow;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;
using YamlDotNet.Serialization;

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
        using (var tracker = Tracker($"http://127.0.0.1:{FakeMlflow.FreePort()}", patience: TimeSpan.FromMilliseconds(200)))
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

    [Theory(Timeout = 30_000)]
    [InlineData("Bearer secret", "MLFLOW_TRACKING_TOKEN=secret")]
    [InlineData("Basic bWU6cHc=", "MLFLOW_TRACKING_USERNAME=me", "MLFLOW_TRACKING_PASSWORD=pw")]
    public async Task It_authenticates_like_MLflows_client(string header, params string[] environment)
    {
        await Task.Yield();
        using var server = new FakeMlflow { Authorization = header };
        using var store = new MlflowServer(server.Address, name => environment.Select(e => e.Split('=', 2)).FirstOrDefault(e => e[0] == name)?[1]);
        Assert.Equal("1", store.FindOrCreateExperiment("e"));
        Assert.Equal("1", store.FindOrCreateExperiment("e"));
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
    public void Numbers_that_are_not_finite_are_sent_in_the_spelling_of_Protobuf()
    {
        using var server = new FakeMlflow();
        using var store = new MlflowServer(server.Address, _ => null);
        var run = store.CreateRun(store.FindOrCreateExperiment("e"), "r", 1);
        double[] values = [1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        store.LogMetrics("1", run, [.. values.Select(v => new MlflowMetric("k", v, 2, 3))]);
        Assert.Equal([.. values.Select(v => ("k", v, 3L))], server.Runs[run].Metrics);
    }

    [Fact]
    public void A_folder_of_MLflow_has_the_files_that_its_own_store_writes()
    {
        using var folder = new TemporaryFolder();
        var root = Path.Combine(folder.Root, "mlruns");
        using var run = new FakeRun();
        using (var tracker = new MlflowTracker(new MlflowFiles(root), "sketches: few", _log.Enqueue))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.75);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.Empty(_log);
        Assert.Equal("Default", Yaml(Path.Combine(root, "0", "meta.yaml"))["name"]);
        var experiment = Directory.GetDirectories(root).Single(d => Path.GetFileName(d) != "0");
        var about = Yaml(Path.Combine(experiment, "meta.yaml"));
        Assert.Equal(("sketches: few", Path.GetFileName(experiment), "active"), (about["name"], about["experiment_id"], about["lifecycle_stage"]));
        var there = Directory.GetDirectories(experiment).Single();
        var meta = Yaml(Path.Combine(there, "meta.yaml"));
        Assert.Equal(
            [
                "artifact_uri", "end_time", "entry_point_name", "experiment_id", "lifecycle_stage", "run_id", "run_name", "run_uuid", "source_name",
                "source_type", "source_version", "start_time", "status", "tags", "user_id",
            ],
            meta.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("3", "one", Path.GetFileName(there)), (meta["status"], meta["run_name"], meta["run_id"]));
        Assert.Equal("resnet18", File.ReadAllText(Path.Combine(there, "params", "architecture")));
        var parameters = Directory.GetFiles(Path.Combine(there, "params")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(RecipeKeys.Flatten(run.Recipe).Keys, parameters);
        Assert.Equal("one", File.ReadAllText(Path.Combine(there, "tags", "mlflow.runName")));
        var lines = File.ReadAllLines(Path.Combine(there, "metrics", "val_accuracy")).Select(l => l.Split(' ')).ToList();
        Assert.Equal([("0.5", "1"), ("0.75", "2")], lines.Select(l => (l[1], l[2])));
        Assert.All(lines, l => Assert.True(long.Parse(l[0]) > 1_600_000_000_000));
        // A second run is added to the same experiment.
        using var store = new MlflowFiles(root);
        Assert.Equal(Path.GetFileName(experiment), store.FindOrCreateExperiment("sketches: few"));
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

    [Fact]
    public void Trackers_are_selected_by_option_or_environment_and_any_other_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        string? Uri(string name) => name == Trackers.Variable ? $"mlflow:{folder.Root}" : null;
        Assert.Equal($"mlflow:{folder.Root}", Assert.Single(Trackers.Stores([], Uri)).Location);
        Assert.Equal("http://host:5000", Assert.Single(Trackers.Stores(["http://host:5000/"], Uri)).Location);
        Assert.Equal($"mlflow:{folder.Root}", Assert.Single(Trackers.Stores([$"file://{folder.Root}"], _ => null)).Location);
        Assert.Empty(Trackers.Stores(["none"], Uri));
        Assert.Empty(Trackers.Stores([], _ => null));
        Assert.Contains("mlflow:DIR", Assert.Throws<UsageException>(() => Trackers.Stores(["wandb"], Uri)).Message, StringComparison.Ordinal);
        Assert.Throws<RefusalException>(() => Trackers.Stores([$"mlflow:{Path.Combine(folder.With("f", "").Root, "f")}"], Uri));
    }

    private MlflowTracker Tracker(string address, TimeSpan? patience = null) =>
        new(new MlflowServer(address, _ => null), null, _log.Enqueue, patience ?? TimeSpan.FromSeconds(5), _soon);

    private static Dictionary<string, object?> Yaml(string path) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(File.ReadAllText(path));
}
