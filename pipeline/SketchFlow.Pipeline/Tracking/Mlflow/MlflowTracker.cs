using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// Keeps an MLflow store up to date with a run. An unreachable store never stops training: it is reported once and tried again later.
/// </summary>
/// <remarks>All calls are made on a separate thread. Training waits only at the end of the run, for <paramref name="patience"/> at most.</remarks>
/// <param name="store">The store; disposed together with the tracker.</param>
/// <param name="experiment">Name of the experiment; null is the name of the data set.</param>
/// <param name="log">Receives log messages.</param>
/// <param name="patience">Longest wait at the end of a run for unsent data; null is 10 s.</param>
/// <param name="pause">First pause before another attempt, doubled up to a minute; null is 1 s.</param>
public sealed class MlflowTracker(IMlflowStore store, string? experiment, Action<string> log, TimeSpan? patience = null, TimeSpan? pause = null)
    : IRunObserver, IDisposable
{
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);
    private readonly TimeSpan _firstPause = pause ?? TimeSpan.FromSeconds(1);
    private MlflowSender? _sender;
    private bool _isStoreInUse;
    private List<EpochMetrics> _rows = [];
    private List<EpochTiming> _timings = [];

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        End();
        _rows = [.. start.Rows];
        _timings = [.. start.Timings];
        var sync = new MlflowSync(store, start.Folder, experiment ?? start.Data.Name);
        _sender = new MlflowSender(sync, store.Location, start.Folder.Name, log, _patience, _firstPause);
        Enqueue(MlflowStatus.Running);
    }

    /// <inheritdoc/>
    public string? Epoch(EpochResult result)
    {
        _rows.Add(result.Metrics);
        _timings.Add(result.Timing);
        Enqueue(MlflowStatus.Running);
        return null;
    }

    /// <inheritdoc/>
    public void Ended(RunEnd end, EpochMetrics? best)
    {
        Enqueue(end switch { RunEnd.Failed => MlflowStatus.Failed, RunEnd.Interrupted => MlflowStatus.Killed, _ => MlflowStatus.Finished });
        End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        if (!_isStoreInUse)
        {
            store.Dispose();
        }
    }

    private void Enqueue(MlflowStatus status) => _sender?.Enqueue(MetricsTable.From(_rows, _timings), status);

    // A call that does not return is abandoned with its thread, which ends with the process, and with the store that it uses.
    private void End()
    {
        _isStoreInUse |= _sender is not null && !_sender.End();
        _sender?.Dispose();
        _sender = null;
    }
}
