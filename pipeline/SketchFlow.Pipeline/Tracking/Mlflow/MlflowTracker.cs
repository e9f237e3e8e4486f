using SketchFlow.Data.Messages;
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
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);
    private readonly TimeSpan _firstPause = pause ?? TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _unsent = new();
    private readonly ManualResetEventSlim _ending = new();
    private Thread? _thread;
    private RunFolder? _folder;
    private List<EpochMetrics> _rows = [];
    private List<EpochTiming> _timings = [];
    private MetricsTable _metrics = MetricsTable.Empty;
    private MlflowStatus _status;

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        End();
        _folder = start.Folder;
        _ending.Reset();
        _rows = [.. start.Rows];
        _timings = [.. start.Timings];
        Enqueue(MlflowStatus.Running);
        var sync = new MlflowSync(store, start.Folder, experiment ?? start.Data.Name);
        _thread = new Thread(() => Send(sync)) { IsBackground = true, Name = $"tracking {store.Location}" };
        _thread.Start();
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
        _unsent.Dispose();
        _ending.Dispose();
        store.Dispose();
    }

    private void Enqueue(MlflowStatus status)
    {
        lock (_lock)
        {
            (_metrics, _status) = (MetricsTable.From(_rows, _timings), status);
            _unsent.Set();
        }
    }

    private void End()
    {
        if (_thread is not { } thread)
        {
            return;
        }

        _ending.Set();

        // A call that does not return is abandoned: a background thread ends with the process.
        if (!thread.Join(_patience + _patience))
        {
            log(IncompleteMessage());
        }

        _thread = null;
    }

    private void Send(MlflowSync sync)
    {
        var (wait, isReported, deadline) = (_firstPause, false, default(DateTime?));
        while (Next() is (var metrics, var status))
        {
            try
            {
                sync.Push(metrics, status);
                if (isReported)
                {
                    log($"{store.Location} responds again; it has all data of {_folder!.Name} so far.");
                }

                (wait, isReported) = (_firstPause, false);
            }
            catch (Exception e) when (e is not (HttpRequestException or IOException or UnauthorizedAccessException or OperationCanceledException))
            {
                // No answer of a server ends the training: an exception on this thread would end the process.
                log($"{store.Location} rejects this run: {PrintableText.Line(e.Message).TrimEnd('.')}; training continues without it.");
                return;
            }
            catch (Exception e)
            {
                if (!isReported)
                {
                    log($"{store.Location} does not respond ({PrintableText.Line(e.Message).TrimEnd('.')}); training continues, "
                        + "and the missing data will be sent later.");
                    isReported = true;
                }

                _unsent.Set();
                if (!_ending.IsSet)
                {
                    // The end of the run shortens the pause; a new epoch does not.
                    wait = _ending.Wait(wait) ? _firstPause : wait + wait < _longestPause ? wait + wait : _longestPause;
                    continue;
                }

                deadline ??= DateTime.UtcNow + _patience;
                if (DateTime.UtcNow + wait >= deadline)
                {
                    log(IncompleteMessage());
                    return;
                }

                Thread.Sleep(wait);
                wait += wait;
            }
        }
    }

    /// <summary>Waits for unsent data; returns null when the run has ended and everything is sent.</summary>
    private (MetricsTable Metrics, MlflowStatus Status)? Next()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_unsent.IsSet)
                {
                    _unsent.Reset();
                    return (_metrics, _status);
                }
            }

            if (_ending.IsSet)
            {
                lock (_lock)
                {
                    if (!_unsent.IsSet)
                    {
                        return null;
                    }
                }
            }

            WaitHandle.WaitAny([_unsent.WaitHandle, _ending.WaitHandle]);
        }
    }

    private string IncompleteMessage() =>
        $"{store.Location} lacks data of {_folder!.Name}; sketchflow runs sync {_folder!.Name} --track {store.Location} sends the rest.";
}
