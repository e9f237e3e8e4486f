using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>Keeps an MLflow store up with a run, softly: a store that is away is tried again later, told once, and stops nothing.</summary>
/// <remarks>All calls are made on a thread of its own; training waits for none but at the run's end, and there for <paramref name="patience"/> at most.</remarks>
/// <param name="store">Where to; disposed with this.</param>
/// <param name="experiment">Name of the experiment; null is the data set's.</param>
/// <param name="log">Takes a line for people.</param>
/// <param name="patience">How long the end of a run waits for what is not sent; 10 s where none is given.</param>
/// <param name="pause">The first wait before trying again, doubled up to a minute; 1 s where none is given.</param>
public sealed class MlflowTracker(IMlflowStore store, string? experiment, Action<string> log, TimeSpan? patience = null, TimeSpan? pause = null) : IRunObserver, IDisposable
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);
    private readonly TimeSpan _firstPause = pause ?? TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _news = new();
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
        Tell(MlflowStatus.Running);
        var sync = new MlflowSync(store, start.Folder, experiment ?? start.Data.Name);
        _thread = new Thread(() => Follow(sync)) { IsBackground = true, Name = $"tracking {store.Where}" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public string? Epoch(EpochResult result)
    {
        _rows.Add(result.Metrics);
        _timings.Add(result.Timing);
        Tell(MlflowStatus.Running);
        return null;
    }

    /// <inheritdoc/>
    public void Ended(RunEnd end, EpochMetrics? best)
    {
        Tell(end switch { RunEnd.Failed => MlflowStatus.Failed, RunEnd.Interrupted => MlflowStatus.Killed, _ => MlflowStatus.Finished });
        End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _news.Dispose();
        _ending.Dispose();
        store.Dispose();
    }

    private void Tell(MlflowStatus status)
    {
        lock (_lock)
        {
            (_metrics, _status) = (MetricsTable.From(_rows, _timings), status);
            _news.Set();
        }
    }

    private void End()
    {
        if (_thread is not { } thread)
        {
            return;
        }

        _ending.Set();
        // A call that hangs is left behind: the thread is a background one and ends with the process.
        if (!thread.Join(_patience + _patience))
        {
            log(Missing());
        }

        _thread = null;
    }

    private void Follow(MlflowSync sync)
    {
        var (wait, told, deadline) = (_firstPause, false, default(DateTime?));
        while (Next() is { } news)
        {
            try
            {
                sync.Push(news.Metrics, news.Status);
                if (told)
                {
                    log($"{store.Where} answers again; it has all of {_folder!.Name} so far.");
                }

                (wait, told) = (_firstPause, false);
            }
            catch (Exception e) when (e is MlflowRefusalException or RefusalException or UsageException)
            {
                log($"{store.Where} does not take this run: {e.Message.TrimEnd('.')}; training goes on without it.");
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or OperationCanceledException)
            {
                if (!told)
                {
                    log($"{store.Where} does not answer ({e.Message.TrimEnd('.')}); training goes on, and what it misses is sent when it does.");
                    told = true;
                }

                _news.Set(); // It is still to be sent.
                if (!_ending.IsSet)
                {
                    // A new epoch is no reason to ask sooner; the end of the run is.
                    wait = _ending.Wait(wait) ? _firstPause : wait + wait < _longestPause ? wait + wait : _longestPause;
                    continue;
                }

                deadline ??= DateTime.UtcNow + _patience;
                if (DateTime.UtcNow + wait >= deadline)
                {
                    log(Missing());
                    return;
                }

                Thread.Sleep(wait);
                wait += wait;
            }
        }
    }

    /// <summary>Waits for something to send; null when the run has ended and all is sent.</summary>
    private (MetricsTable Metrics, MlflowStatus Status)? Next()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_news.IsSet)
                {
                    _news.Reset();
                    return (_metrics, _status);
                }
            }

            if (_ending.IsSet)
            {
                lock (_lock)
                {
                    if (!_news.IsSet)
                    {
                        return null;
                    }
                }
            }

            WaitHandle.WaitAny([_news.WaitHandle, _ending.WaitHandle]);
        }
    }

    private string Missing() => $"{store.Where} does not have all of {_folder!.Name}; sketchflow runs sync {_folder!.Name} --track {store.Where} sends the rest.";
}
