using System.Diagnostics;
using SketchFlow.Pipeline.Jobs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Shows progress, rate and remaining time: as a bar on a terminal, otherwise as a plain line every ten seconds.</summary>
public abstract class Progress : IProgressBar
{
    /// <summary>Opens a bar on standard error, so that standard output stays for results.</summary>
    /// <param name="title">Name of the operation.</param>
    /// <param name="total">Number of items.</param>
    /// <param name="unit">Name of the items, in the plural.</param>
    /// <param name="from">Number of items finished by an earlier process: they count as progress, but not towards the rate.</param>
    public static Progress Open(string title, long total, string unit, long from = 0)
    {
        var meter = new ThroughputMeter(total, unit, from);
        return System.Console.IsErrorRedirected ? new Lines(title, total, unit, meter) : new Bar(title, total, meter);
    }

    /// <inheritdoc/>
    public abstract void Report(long done, string detail = "");

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes the display.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);

    private sealed class Lines(string title, long total, string unit, ThroughputMeter meter) : Progress
    {
        private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _last;

        public override void Report(long done, string detail = "")
        {
            if (_watch.Elapsed - _last < Every)
            {
                return;
            }

            _last = _watch.Elapsed;
            var rate = meter.Format(done, _watch.Elapsed);
            System.Console.Error.WriteLine($"{title}: {done} of {total} {unit}, {rate}{(detail.Length > 0 ? ", " + detail : "")}");
        }

        protected override void Dispose(bool disposing) { }
    }

    private sealed class Bar : Progress
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly TaskCompletionSource _ended = new();
        private readonly TaskCompletionSource<ProgressTask> _task = new();
        private readonly Task _shown;
        private readonly ThroughputMeter _meter;
        private string _text = "";

        public Bar(string title, long total, ThroughputMeter meter)
        {
            _meter = meter;
            // Not the writer of the console: it would remove the sequences that move the bar.
            var error = new StreamWriter(System.Console.OpenStandardError(), System.Console.Error.Encoding) { AutoFlush = true };
            var console = TerminalWriter.CreateConsole(error, redirected: false);
            // Spectre shows a bar while a function runs; this function waits on another thread for the end of the work.
            _shown = Task.Run(() => console.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new Detail(() => _text))
                .StartAsync(async context =>
                {
                    _task.SetResult(context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total)));
                    await _ended.Task;
                }));
        }

        public override void Report(long done, string detail = "")
        {
            _text = $"{_meter.Format(done, _watch.Elapsed)} {detail}";
            if (_task.Task.IsCompletedSuccessfully)
            {
                _task.Task.Result.Value = done;
            }
        }

        protected override void Dispose(bool disposing)
        {
            _ended.TrySetResult();
            _shown.Wait();
        }

        private sealed class Detail(Func<string> text) : ProgressColumn
        {
            public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text());
        }
    }
}
