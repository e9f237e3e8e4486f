using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

public sealed class StatusDisplayTests : IDisposable
{
    private readonly StringWriter _writer = new() { NewLine = "\n" };
    private TimeSpan _now;

    public void Dispose() => _writer.Dispose();

    [Fact]
    public void A_log_gets_a_line_before_two_silent_seconds_pass_and_later_every_ten()
    {
        using var display = Display(redraws: false);
        using var work = Progress.Open(display, "search", 0, "");
        var written = Times(display, seconds: 110);
        var early = written.Where(t => t < 60).ToList();
        Assert.All(early.Prepend(0).Zip(early), p => Assert.InRange(p.Second - p.First, 0, 2));
        var later = written.Where(t => t >= 60).ToList();
        Assert.InRange(later.Count, 3, 5);
        Assert.StartsWith("search: 2 s elapsed\nsearch: 4 s elapsed\n", _writer.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A write to Console.Out holds its lock and then waits for the display; .NET's own writes to a terminal take that lock, too.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_thread_that_writes_and_the_thread_that_draws_never_wait_for_each_other()
    {
        using ManualResetEventSlim holds = new(), draws = new();
        using var writer = new LockingWriter(draws);
        using var display = new StatusDisplay(writer, redraws: true, () => 80, () => _now);
        using var work = Progress.Open(display, "search", 0, "");
        _now = TimeSpan.FromSeconds(2);
        var output = Console.Out;
        var writes = Task.Run(() =>
        {
            lock (output)
            {
                holds.Set();
                // The other thread draws here, where nothing holds it back.
                draws.Wait(TimeSpan.FromSeconds(1));
                display.Print(() => { }, endsLine: true);
            }
        });
        var ticks = Task.Run(() =>
        {
            holds.Wait();
            display.Tick();
        });
        await Task.WhenAll(writes, ticks).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        // Other tests may hold Console.Out for a moment.
        Assert.True(SpinWait.SpinUntil(IsDrawn, TimeSpan.FromSeconds(10)), "nothing was drawn");

        bool IsDrawn()
        {
            display.Tick();
            return draws.IsSet;
        }
    }

    [Fact]
    public void Output_of_the_work_itself_keeps_the_status_quiet()
    {
        using var display = Display(redraws: false);
        using var work = Progress.Open(display, "search", 0, "");
        for (var i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            display.Print(() => { }, endsLine: true);
            display.Tick();
        }

        Assert.Equal("", _writer.ToString());
    }

    [Fact]
    public void A_terminal_has_two_lines_at_most_that_fit_and_are_drawn_again_only_when_they_change()
    {
        using var display = Display(redraws: true, width: 60);
        using var work = Progress.Open(display, "epoch 2/6", 1716, "images");
        work.Report(858, "14 min left in all; loss 4.987, accuracy 0.60 %, rate 3.1e-4, data wait 0.20 %, and more text than there is room for");
        _now = TimeSpan.FromSeconds(2);
        display.Tick();
        var drawn = _writer.ToString();
        display.Tick();
        Assert.Equal(drawn, _writer.ToString());
        var lines = drawn.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 10, 59));
        Assert.Contains("858 of 1,716 images", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  14 min left in all", lines[1], StringComparison.Ordinal);
        display.Print(() => _writer.Write("a line\n"), endsLine: true);
        Assert.EndsWith("\r\u001b[2K\u001b[1A\u001b[2Ka line\n", _writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_status_before_is_shown_again_and_a_line_that_is_not_ended_is_not_interrupted()
    {
        using var display = Display(redraws: false);
        using var verb = Progress.Open(display, "verb", 0, "");
        Progress.Open(display, "stage", 3, "tables").Dispose();
        display.Print(() => _writer.Write("part"), endsLine: false);
        _now = TimeSpan.FromSeconds(5);
        display.Tick();
        Assert.Equal("part", _writer.ToString());
        display.Print(() => _writer.Write(" of a line\n"), endsLine: true);
        _now = TimeSpan.FromSeconds(9);
        display.Tick();
        Assert.Equal("part of a line\nverb: 9 s elapsed\n", _writer.ToString());
    }

    [Fact]
    public void A_briefwork_is_named_without_a_time_and_a_counted_one_without_a_rate_of_zero()
    {
        using var display = Display(redraws: false);
        _now = TimeSpan.FromSeconds(1.8);
        display.Tick();
        using var brief = Progress.Open(display, "loading the tables", 0, "");
        _now = TimeSpan.FromSeconds(2);
        display.Tick();
        using var counted = Progress.Open(display, "val", 428, "images");
        _now = TimeSpan.FromSeconds(4);
        display.Tick();
        using var few = Progress.Open(display, "measuring combinations", 12, "combinations");
        few.Report(8, "now: bagged selection");
        _now = TimeSpan.FromSeconds(12);
        display.Tick();
        Assert.Equal(
            "loading the tables\nval: 0 of 428 images\nmeasuring combinations: 8 of 12 combinations, 00:04 left; now: bagged selection\n",
            _writer.ToString());
    }

    [Fact]
    public void A_line_of_a_log_names_the_work_the_time_left_and_what_is_done_now()
    {
        using var display = Display(redraws: false);
        using var work = Progress.Open(display, "comparing", 12, "combinations");
        work.Report(0, "now: majority vote");
        _now = TimeSpan.FromSeconds(2);
        display.Tick();
        work.Report(8, "now: stacking");
        _now = TimeSpan.FromSeconds(6);
        display.Tick();
        Assert.Equal(
            "comparing: 0 of 12 combinations; now: majority vote\ncomparing: 8 of 12 combinations, 00:03 left; now: stacking\n", _writer.ToString());
    }

    [Fact]
    public void Others_can_print_while_the_terminal_is_asked_for_its_width()
    {
        // The console may be locked by a thread that waits to print.
        StatusDisplay? display = null;
        var printed = false;
        using var shown = display = new StatusDisplay(_writer, redraws: true, () => Print() ? 60 : 80, () => _now);
        using var work = Progress.Open(display, "evaluate", 0, "");
        _now = TimeSpan.FromSeconds(2);
        display.Tick();

        Assert.True(printed);
        Assert.StartsWith("evaluate", _writer.ToString(), StringComparison.Ordinal);

        bool Print() => printed = Task.Run(() => display!.Print(() => { }, endsLine: true)).Wait(TimeSpan.FromSeconds(20));
    }

    private StatusDisplay Display(bool redraws, int width = 80) => new(_writer, redraws, () => width, () => _now);

    private List<double> Times(StatusDisplay display, int seconds)
    {
        var (times, length) = (new List<double>(), 0);
        for (var tenth = 1; tenth <= 10 * seconds; tenth++)
        {
            _now = TimeSpan.FromSeconds(tenth / 10.0);
            display.Tick();
            var now = _writer.GetStringBuilder().Length;
            if (now > length)
            {
                times.Add(tenth / 10.0);
            }

            length = now;
        }

        return times;
    }

    /// <summary>Takes the lock of Console.Out for every write, as .NET does for a terminal.</summary>
    private sealed class LockingWriter(ManualResetEventSlim draws) : StringWriter
    {
        public override void Write(string? value)
        {
            draws.Set();
            lock (Console.Out)
            {
                base.Write(value);
            }
        }
    }
}
