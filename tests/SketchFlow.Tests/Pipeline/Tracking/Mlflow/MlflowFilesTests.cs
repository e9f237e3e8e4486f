using System.Collections.Concurrent;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.Mlflow;
using SketchFlow.Tests.Data.Files;
using YamlDotNet.Serialization;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

public class MlflowFilesTests
{
    [Fact]
    public void A_folder_of_MLflow_has_the_files_that_its_own_store_writes()
    {
        var log = new ConcurrentQueue<string>();
        using var folder = new TemporaryFolder();
        var root = Path.Combine(folder.Root, "mlruns");
        using var run = new FakeRun();
        using (var tracker = new MlflowTracker(new MlflowFiles(root), "sketches: few", log.Enqueue))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.75);
            tracker.Ended(RunEnd.Complete, null);
        }

        Assert.Empty(log);
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

    [Theory]
    [InlineData("..", "abc", "loss")]
    [InlineData("5", "../../abc", "loss")]
    [InlineData("5", "abc", "../../../loss")]
    [InlineData("5", "abc", "a\\b")]
    [InlineData("", "abc", "loss")]
    public void No_identifier_or_name_leads_out_of_the_folder(string experiment, string run, string metric)
    {
        using var folder = new TemporaryFolder();
        folder.With("mlruns/5/abc/meta.yaml", "run_id: abc").With("mlruns/5/abc/metrics/loss", "");
        folder.With("abc/meta.yaml", "run_id: other");
        using var store = new MlflowFiles(Path.Combine(folder.Root, "mlruns"));
        var before = Directory.GetFileSystemEntries(folder.Root, "*", SearchOption.AllDirectories).Order().ToList();
        var refusal = Assert.Throws<MlflowRefusalException>(() => store.LogMetrics(experiment, run, [new MlflowMetric(metric, 1, 2, 3)]));
        Assert.Contains("cannot be the name of a file", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Root, "*", SearchOption.AllDirectories).Order());
    }

    private static Dictionary<string, object?> Yaml(string path) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(File.ReadAllText(path));
}
