using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Terminal;

/// <summary>Long work, seen: a bar with rate and remaining time on a terminal, a plain line now and then otherwise.</summary>
public abstract class Progress : IDisposable
{
    /// <summary>Opens a bar on standard error, so that standard output stays for results.</summary>
    /// <param name="title">What is going on.</param>
    /// <param name="total">How many items there are.</param>
    /// <param name="unit">What the items are, in the plural.</param>
    public static Progress Open(string title, long total, string unit) =>
        System.Console.IsErrorRedirected ? new Lines(title, total, unit) : new Bar(title, total, unit);

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

    private static string Remaining(TimeSpan elapsed, long done, long total)
    {
        if (done <= 0)
        {
            return "";
        }

        var left = elapsed * ((double)(total - done) / done);
        return left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss} left" : $"{left:mm\\:ss} left";
    }

    private sealed class Lines(string title, long total, string unit) : Progress
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
            var rate = done / _watch.Elapsed.TotalSeconds;
            System.Console.Error.WriteLine(
                $"{title}: {done} of {total} {unit}, {rate:0} {unit}/s, {Remaining(_watch.Elapsed, done, total)}{(detail.Length > 0 ? ", " + detail : "")}");
        }

        protected override void Dispose(bool disposing) { }
    }

    private sealed class Bar : Progress
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly TaskCompletionSource _ended = new();
        private readonly TaskCompletionSource<ProgressTask> _task = new();
        private readonly Task _shown;
        private readonly string _unit;
        private readonly long _total;
        private string _text = "";

        public Bar(string title, long total, string unit)
        {
            (_unit, _total) = (unit, total);
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
            var rate = done / _watch.Elapsed.TotalSeconds;
            _text = $"{rate:0} {_unit}/s {Remaining(_watch.Elapsed, done, _total)} {detail}";
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
