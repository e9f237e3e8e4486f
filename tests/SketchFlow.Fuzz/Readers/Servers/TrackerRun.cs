using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>A run of one epoch, without training, that is tracked by a store.</summary>
internal static class TrackerRun
{
    // The pause before another attempt is as long, so that a failure is repeated once, when the run ends, and no input waits.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private static readonly string _recipe = RecipeFile.Write(new Recipe());

    /// <summary>Tracks a run, which any answer of the store must let end.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="store">The store.</param>
    /// <returns>Null if the store has everything, else what the tracker says.</returns>
    public static string? Track(string folder, IMlflowStore store)
    {
        var run = new RunFolder(Path.Combine(folder, "runs", "a"));
        WholeFile.WriteText(run.Recipe, _recipe);
        var (metrics, timing) = (new EpochMetrics { Epoch = 1, ValidationLoss = 0.5 }, new EpochTiming { Epoch = 1 });
        string? said = null;
        var data = new DataSet { Name = "few", Root = folder, Layout = DataSetLayout.Folders, Classes = ["a", "b"], Train = [] };
        using var tracker = new MlflowTracker(store, null, line => said ??= line, _patience, _patience);
        tracker.Started(new RunStart(run, new Recipe(), data, 10));
        tracker.Epoch(new EpochResult(metrics, timing, IsBest: true));
        tracker.Ended(RunEnd.Complete, metrics);
        return said;
    }
}
