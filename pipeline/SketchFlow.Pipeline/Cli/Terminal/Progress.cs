using System.Diagnostics;
using SketchFlow.Pipeline.Jobs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Long work, seen: a bar with rate and remaining time on a terminal, a plain line now and then otherwise.</summary>
public abstract class Progress : IProgressBar
{
    /// <summary>Opens a bar on standard error, so that standard output stays for results.</summary>
    /// <param name="title">What is going on.</param>
    /// <param name="total">How many items there are.</param>
    /// <param name="unit">What the items are, in the plural.</param>
    /// <param name="from">Items that were done before, in another session: they count for how far the work is, not for its rate.</param>
    public static Progress Open(string title, long total, string unit, long from = 0)
    {
        var pace = new ThroughputMeter(total, unit, from);
        return System.Console.IsErrorRedirected ? new Lines(title, total, unit, pace) : new Bar(title, total, pace);
    }

    /// <summary>Says how far the work is.</summary>
    /// <param name="done">Items done.</param>
    /// <param name="detail">What else there is to say, such as the loss.</param>
    public abstract void Report(long done, string detail = "");

    /// <summary>Ends the bar.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the bar.</summary>
    protected abstract void Dispose(bool disposing);

    private sealed class Lines(string title, long total, string unit, ThroughputMeter pace) : Progress
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
            System.Console.Error.WriteLine($"{title}: {done} of {total} {unit}, {pace.After(done, _watch.Elapsed)}{(detail.Length > 0 ? ", " + detail : "")}");
        }

        protected override void Dispose(bool disposing) { }
    }

    private sealed class Bar : Progress
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly TaskCompletionSource _ended = new();
        private readonly TaskCompletionSource<ProgressTask> _task = new();
        private readonly Task _shown;
        private readonly ThroughputMeter _pace;
        private string _text = "";

        public Bar(string title, long total, ThroughputMeter pace)
        {
            _pace = pace;
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
            // Spectre draws a bar only around a function; this one waits for the end of the work on another thread.
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
            _text = $"{_pace.After(done, _watch.Elapsed)} {detail}";
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
