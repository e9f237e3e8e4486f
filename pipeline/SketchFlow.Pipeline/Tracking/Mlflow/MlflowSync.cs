using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// Updates a store from a run: <c>recipe.yaml</c> as parameters, the measurements of all epochs, and the status. It may fail at any point and be
/// called again; nothing is sent twice.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="folder">The files of the run.</param>
/// <param name="experiment">Name of the experiment.</param>
/// <param name="clock">Clock for the timestamps; the system's if null.</param>
public sealed class MlflowSync(IMlflowStore store, RunFolder folder, string experiment, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Sends everything that the store does not have yet.</summary>
    /// <param name="metrics">All measurements of the run so far.</param>
    /// <param name="status">Status of the run.</param>
    /// <returns>The state of the store afterwards.</returns>
    public MlflowSyncState Push(MetricsTable metrics, MlflowStatus status)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var state = MlflowSyncState.Read(folder, store.Location) ?? CreateRun();
        if (!state.Described)
        {
            state = SendParameters(state);
        }

        List<double[]> unsent = [.. metrics.Rows.Where(r => metrics.EpochOf(r) > state.Epochs)];
        if (unsent.Count > 0)
        {
            store.LogMetrics(state.Experiment, state.Run, [.. unsent.SelectMany(Metrics)]);
            state = (state with { Epochs = metrics.EpochOf(unsent[^1]) }).Save(folder);
        }

        if (status != state.Status)
        {
            store.SetStatus(state.Experiment, state.Run, status, status == MlflowStatus.Running ? null : Now);
            state = (state with { Status = status }).Save(folder);
        }

        return state;

        IEnumerable<MlflowMetric> Metrics(double[] row) => metrics.Values(row).Select(v => new MlflowMetric(v.Name, v.Value, Now, metrics.EpochOf(row)));
    }

    private MlflowSyncState CreateRun()
    {
        var id = store.FindOrCreateExperiment(experiment);
        return new MlflowSyncState(store.Location, id, store.CreateRun(id, folder.Name, Now), false, 0, MlflowStatus.Running).Save(folder);
    }

    private MlflowSyncState SendParameters(MlflowSyncState state)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["mlflow.source.name"] = "sketchflow",
            ["mlflow.source.type"] = "LOCAL",
            ["mlflow.user"] = Environment.UserName,
            ["sketchflow.run"] = folder.Name,
            ["sketchflow.folder"] = folder.Folder,
        };
        store.LogParameters(state.Experiment, state.Run, RecipeKeys.Flatten(folder.Read()), tags);
        return (state with { Described = true }).Save(folder);
    }
}
