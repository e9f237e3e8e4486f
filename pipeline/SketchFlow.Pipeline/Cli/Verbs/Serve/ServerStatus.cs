using System.Diagnostics;
using System.Globalization;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Cli.Verbs.Serve;

/// <summary>Shows the load of a server in one line of a terminal, renewed once per second; in a log nothing.</summary>
internal sealed class ServerStatus : IStatus, IDisposable
{
    private readonly ServerMetrics _metrics;
    private readonly StatusDisplay? _display;
    private long _since = Stopwatch.GetTimestamp();
    private (long Requests, long Images, long Batches) _last;
    private string _line = "";

    private ServerStatus(ServerMetrics metrics, StatusDisplay? display)
    {
        (_metrics, _display) = (metrics, display);
        _display?.Open(this);
    }

    /// <summary>Opens the line. The status of a log ends, because a server is silent for hours.</summary>
    public static ServerStatus Open(ServerMetrics metrics)
    {
        if (Console.IsErrorRedirected)
        {
            StatusDisplay.Current?.Dispose();
        }

        return new ServerStatus(metrics, StatusDisplay.Current);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Draw(int width)
    {
        var elapsed = Stopwatch.GetElapsedTime(_since);
        if (elapsed >= TimeSpan.FromSeconds(1))
        {
            var now = (_metrics.Requests, _metrics.Images, _metrics.Batches);
            var (requests, images, batches) = (now.Requests - _last.Requests, now.Images - _last.Images, now.Batches - _last.Batches);
            (_last, _since) = (now, Stopwatch.GetTimestamp());
            _line = Describe(requests / elapsed.TotalSeconds, images / elapsed.TotalSeconds, batches == 0 ? 0 : (double)images / batches, now.Requests);
        }

        return _line.Length == 0 ? [] : [TerminalWidth.Cut(_line, width)];
    }

    /// <inheritdoc/>
    public string Describe() => _line;

    /// <inheritdoc/>
    public void Dispose() => _display?.Close(this);

    private string Describe(double requests, double images, double batch, long total) => string.Create(
        CultureInfo.InvariantCulture,
        $"{requests:0} requests/s, {images:0} images/s in batches of {batch:0.0}, {_metrics.Queue} waiting; {total:N0} answered since the start");
}
