using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// Brings a store up to what the run's folder says: <c>recipe.yaml</c> as parameters, the rows of <c>metrics.csv</c>, and how it ended. It may fail at
/// any point and be called again.
/// </summary>
/// <param name="store">Where to.</param>
/// <param name="folder">The run.</param>
/// <param name="experiment">Name of the experiment.</param>
/// <param name="clock">Times of the rows that are sent.</param>
public sealed class MlflowSync(IMlflowStore store, RunFolder folder, string experiment, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Sends what the store does not have yet.</summary>
    /// <param name="metrics">All measurements of the run so far.</param>
    /// <param name="status">How the run is or ended.</param>
    /// <returns>What the store has now.</returns>
    public MlflowSent Push(MetricsTable metrics, MlflowStatus status)
    {
        var sent = MlflowSent.Read(folder, store.Where);
        if (sent is null)
        {
            var id = store.Experiment(experiment);
            sent = new MlflowSent(store.Where, id, store.CreateRun(id, folder.Name, Now), false, 0, MlflowStatus.Running).Save(folder);
        }

        if (!sent.Described)
        {
            var recipe = folder.Read();
            store.Describe(sent.Experiment, sent.Run, RecipeKeys.Flatten(recipe), new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["mlflow.source.name"] = "sketchflow",
                ["mlflow.source.type"] = "LOCAL",
                ["mlflow.user"] = Environment.UserName,
                ["sketchflow.run"] = folder.Name,
                ["sketchflow.folder"] = folder.Folder,
            });
            sent = (sent with { Described = true }).Save(folder);
        }

        List<double[]> fresh = [.. metrics.Rows.Where(r => metrics.EpochOf(r) > sent.Epochs)];
        if (fresh.Count > 0)
        {
            store.Log(sent.Experiment, sent.Run, [.. fresh.SelectMany(row => metrics.Values(row).Select(v => new MlflowMetric(v.Name, v.Value, Now, metrics.EpochOf(row))))]);
            sent = (sent with { Epochs = metrics.EpochOf(fresh[^1]) }).Save(folder);
        }

        if (status != sent.Status)
        {
            store.Update(sent.Experiment, sent.Run, status, status == MlflowStatus.Running ? null : Now);
            sent = (sent with { Status = status }).Save(folder);
        }

        return sent;
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
