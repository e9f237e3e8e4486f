using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// Sends the metrics of one run to a store on a thread of its own. Each run has its own sender, so that a call that does not return, and is abandoned at
/// the end of its run, shares nothing with the next one.
/// </summary>
internal sealed class MlflowSender : IDisposable
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly MlflowSync _sync;
    private readonly string _location;
    private readonly string _run;
    private readonly Action<string> _log;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _firstPause;
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _unsent = new();
    private readonly ManualResetEventSlim _ending = new();
    private readonly Thread _thread;
    private MetricsTable _metrics = MetricsTable.Empty;
    private MlflowStatus _status;
    private volatile bool _isAbandoned;

    /// <summary>Creates a sender; its thread starts with the first metrics.</summary>
    /// <param name="sync">Sends a table of metrics.</param>
    /// <param name="location">Name of the store in messages.</param>
    /// <param name="run">Name of the run.</param>
    /// <param name="log">Receives log messages.</param>
    /// <param name="patience">Longest wait at the end of the run for unsent data.</param>
    /// <param name="firstPause">First pause before another attempt, doubled up to a minute.</param>
    public MlflowSender(MlflowSync sync, string location, string run, Action<string> log, TimeSpan patience, TimeSpan firstPause)
    {
        (_sync, _location, _run, _log, _patience, _firstPause) = (sync, location, run, log, patience, firstPause);
        _thread = new Thread(Send) { IsBackground = true, Name = $"tracking {location}" };
    }

    /// <summary>Hands over the metrics so far; unsent earlier ones are replaced.</summary>
    public void Enqueue(MetricsTable metrics, MlflowStatus status)
    {
        lock (_lock)
        {
            (_metrics, _status) = (metrics, status);
            _unsent.Set();
        }

        if (IsUnstarted)
        {
            _thread.Start();
        }
    }

    /// <summary>Waits until everything is sent, twice the patience at most.</summary>
    /// <returns>Whether the thread has ended; otherwise it is abandoned and logs nothing any more, and what it uses must not be disposed.</returns>
    public bool End()
    {
        _ending.Set();
        if (IsUnstarted || _thread.Join(_patience + _patience))
        {
            return true;
        }

        _isAbandoned = true;
        _log(IncompleteMessage());
        return false;
    }

    /// <summary>Frees the events, unless an abandoned thread still waits for them.</summary>
    public void Dispose()
    {
        if (!_isAbandoned)
        {
            _unsent.Dispose();
            _ending.Dispose();
        }
    }

    private bool IsUnstarted => _thread.ThreadState.HasFlag(ThreadState.Unstarted);

    private void Send()
    {
        var (wait, isReported, deadline) = (_firstPause, false, default(DateTime?));
        while (Next() is (var metrics, var status))
        {
            try
            {
                _sync.Push(metrics, status);
                if (isReported)
                {
                    Log($"{_location} responds again; it has all data of {_run} so far.");
                }

                (wait, isReported) = (_firstPause, false);
            }
            catch (Exception e) when (e is not (HttpRequestException or IOException or UnauthorizedAccessException or OperationCanceledException))
            {
                // No answer of a server ends the training: an exception on this thread would end the process.
                Log($"{_location} rejects this run: {PrintableText.Reason(e)}; training continues without it.");
                return;
            }
            catch (Exception e)
            {
                if (!isReported)
                {
                    Log($"{_location} does not respond ({PrintableText.Reason(e)}); training continues, "
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
                    Log(IncompleteMessage());
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

    private void Log(string line)
    {
        if (!_isAbandoned)
        {
            _log(line);
        }
    }

    private string IncompleteMessage() => $"{_location} lacks data of {_run}; sketchflow runs sync {_run} --track {_location} sends the rest.";
}
