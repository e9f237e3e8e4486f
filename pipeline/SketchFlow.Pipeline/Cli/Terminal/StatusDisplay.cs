using System.Diagnostics;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>
/// Keeps the user informed on standard error: on a terminal one or two lines below the output, redrawn at most ten times a second; in a log a plain line
/// whenever nothing was printed for almost two seconds, after the first minute for ten, after ten minutes for sixty.
/// </summary>
/// <param name="writer">Standard error.</param>
/// <param name="redraws">Whether it is a terminal that understands control sequences.</param>
/// <param name="width">Returns the width of the terminal.</param>
/// <param name="clock">Time since the start of the program.</param>
public sealed class StatusDisplay(TextWriter writer, bool redraws, Func<int> width, Func<TimeSpan> clock) : IDisposable
{
    /// <summary>Environment variable whose value <c>none</c> turns the display off.</summary>
    public const string Variable = "SKETCHFLOW_PROGRESS";

    private static readonly TimeSpan _redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(0.5);

    private readonly Lock _lock = new();
    private readonly List<(IStatus Status, TimeSpan Since)> _open = [];
    private volatile bool _isEnded;
    private TimeSpan _lastOutput;
    private bool _isWithinLine;
    private string[] _drawn = [];

    /// <summary>The display of this program; null before <see cref="Start"/> and where it is turned off.</summary>
    public static StatusDisplay? Current { get; private set; }

    /// <summary>Time since the start of the program, or of a test.</summary>
    public TimeSpan Now => clock();

    /// <summary>Starts the display of this program.</summary>
    /// <param name="writer">Standard error, without a filter of control sequences.</param>
    /// <param name="redraws">Whether it is a terminal that understands control sequences.</param>
    public static void Start(TextWriter writer, bool redraws)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "none")
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        using var process = Process.GetCurrentProcess();
        Current = new StatusDisplay(writer, redraws, () => TerminalWidth.Of(!redraws) ?? int.MaxValue, () => watch.Elapsed)
        {
            // The user waits since the start of the process.
            _lastOutput = process.StartTime - DateTime.Now,
        };
        // A thread of its own: a timer would wait for the threads of the pool, which decode and compute.
        new Thread(Current.Run) { IsBackground = true, Name = "status" }.Start();
    }

    /// <summary>Writes to the terminal or a log without mixing the text into the status lines.</summary>
    /// <param name="write">Writes the text.</param>
    /// <param name="endsLine">Whether the text ends a line.</param>
    public static void Around(Action write, bool endsLine)
    {
        if (Current is { } display)
        {
            display.Print(write, endsLine);
        }
        else
        {
            write();
        }
    }

    /// <summary>Shows a status instead of the one that is shown now.</summary>
    public void Open(IStatus status)
    {
        Locked(() => _open.Add((status, clock())));
    }

    /// <summary>Ends a status; the one before it is shown again.</summary>
    public void Close(IStatus status)
    {
        Locked(() =>
        {
            _open.RemoveAll(o => ReferenceEquals(o.Status, status));
            Erase();
        });
    }

    /// <summary>Draws the status lines again, or writes a line to a log, if it is time and nobody prints.</summary>
    public void Tick()
    {
        // The first question for the width may take long, and others print meanwhile.
        var columns = redraws && _open.Count > 0 ? width() : 0;
        var output = Console.Out;
        if (!Monitor.TryEnter(output))
        {
            return;
        }

        try
        {
            Locked(() => Draw(columns));
        }
        finally
        {
            Monitor.Exit(output);
        }
    }

    private void Draw(int columns)
    {
        if (_open.Count == 0 || _isWithinLine || (redraws && columns == 0))
        {
            return;
        }

        var (status, since) = _open[^1];
        if (redraws)
        {
            if (clock() - since >= _quiet)
            {
                Redraw([.. status.Draw(columns - 1)]);
            }
        }
        else if (clock() - _lastOutput >= Patience(clock()))
        {
            TerminalWriter.Try(() => writer.WriteLine(status.Describe()), redirected: true);
            _lastOutput = clock();
        }
    }

    // .NET locks Console.Out for every write to a terminal, also for one to Console.Error, and a writer to Console.Out holds it while it waits for this
    // display. So it is always locked first.
    private void Locked(Action action)
    {
#pragma warning disable MA0064 // It is the console's own lock that is meant.
        lock (Console.Out)
#pragma warning restore MA0064
        {
            lock (_lock)
            {
                action();
            }
        }
    }

    /// <summary>Removes the status lines.</summary>
    public void Dispose()
    {
        _isEnded = true;
        Locked(() =>
        {
            Erase();
            _open.Clear();
        });

        Current = ReferenceEquals(Current, this) ? null : Current;
    }

    /// <summary>Writes text above the status lines.</summary>
    public void Print(Action write, bool endsLine)
    {
        Locked(() =>
        {
            Erase();
            write();
            (_lastOutput, _isWithinLine) = (clock(), !endsLine);
        });
    }

    private void Run()
    {
        while (!_isEnded)
        {
            Thread.Sleep(_redraw);
            Tick();
        }
    }

    // Slightly less than the two seconds after which a program seems to hang, because the timer is not exact.
    private static TimeSpan Patience(TimeSpan now) => TimeSpan.FromSeconds(now.TotalMinutes < 1 ? 1.8 : now.TotalMinutes < 10 ? 10 : 60);

    private void Redraw(string[] lines)
    {
        if (lines.SequenceEqual(_drawn, StringComparer.Ordinal))
        {
            return;
        }

        Erase();
        TerminalWriter.Try(() => writer.Write(string.Join('\n', lines)), redirected: false);
        _drawn = lines;
    }

    private void Erase()
    {
        if (_drawn.Length == 0)
        {
            return;
        }

        var up = string.Concat(Enumerable.Repeat("\u001b[1A\u001b[2K", _drawn.Length - 1));
        TerminalWriter.Try(() => writer.Write($"\r\u001b[2K{up}"), redirected: false);
        _drawn = [];
    }
}
