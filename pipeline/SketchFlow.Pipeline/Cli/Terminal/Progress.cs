using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Shows progress, rate and remaining time of a work, or only its name and duration where its length is not known.</summary>
public sealed class Progress : IProgressBar, IStatus
{
    private const int WidestBar = 30;

    private static readonly TimeSpan _noticeable = TimeSpan.FromSeconds(1.5);

    private readonly string _title;
    private readonly long _total;
    private readonly string _unit;
    private readonly ThroughputMeter _meter;
    private readonly StatusDisplay? _display;
    private readonly TimeSpan _start;
    private long _done;
    private string _detail = "";

    private Progress(string title, long total, string unit, long from, StatusDisplay? display)
    {
        (_title, _total, _unit, _done, _display) = (PrintableText.Line(title), total, unit, from, display);
        _meter = new ThroughputMeter(total, unit, from);
        _start = display?.Now ?? default;
        display?.Open(this);
    }

    /// <summary>Opens a display on standard error, so that standard output stays for results.</summary>
    /// <param name="title">Name of the work.</param>
    /// <param name="total">Number of items; 0 if it is not known.</param>
    /// <param name="unit">Name of the items, in the plural.</param>
    /// <param name="from">Number of items finished by an earlier process: they count as progress, but not towards the rate.</param>
    public static Progress Open(string title, long total, string unit, long from = 0) => new(title, total, unit, from, StatusDisplay.Current);

    /// <summary>Opens a display on another status display than that of the program.</summary>
    /// <param name="display">The status display.</param>
    /// <param name="title">Name of the work.</param>
    /// <param name="total">Number of items; 0 if it is not known.</param>
    /// <param name="unit">Name of the items, in the plural.</param>
    /// <param name="from">Number of items finished by an earlier process.</param>
    public static Progress Open(StatusDisplay display, string title, long total, string unit, long from = 0) => new(title, total, unit, from, display);

    /// <inheritdoc/>
    public void Report(long done, string detail = "") => (_done, _detail) = (done, detail);

    /// <inheritdoc/>
    public void Dispose() => _display?.Close(this);

    string IStatus.Describe()
    {
        var detail = _detail;
        return $"{_title}: {Counts(_done, "0")}{(detail.Length > 0 ? "; " + detail : "")}".TrimEnd(' ', ':');
    }

    IReadOnlyList<string> IStatus.Draw(int width)
    {
        var (done, detail) = (_done, _detail);
        var counts = Counts(done, "N0");
        var room = Math.Min(WidestBar, width - TerminalWidth.Of(_title) - TerminalWidth.Of(counts) - 4);
        var bar = "";
        if (_total > 0 && room >= 5)
        {
            var filled = (int)(room * Math.Clamp(done / (double)_total, 0, 1));
            bar = $"{new string('━', filled)}{new string('─', room - filled)}  ";
        }

        var first = TerminalWidth.Cut($"{_title}  {bar}{counts}".TrimEnd(), width);
        return detail.Length > 0 ? [first, TerminalWidth.Cut($"  {detail}", width)] : [first];
    }

    private string Counts(long done, string format)
    {
        var elapsed = (_display?.Now ?? default) - _start;
        if (_total == 0)
        {
            // A shorter time tells nothing: the name of the work is enough.
            return elapsed < _noticeable ? "" : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(elapsed.TotalSeconds):0} s elapsed");
        }

        var speed = _meter.Format(done, elapsed);
        return string.Create(CultureInfo.InvariantCulture, $"{done.ToString(format, CultureInfo.InvariantCulture)} of "
            + $"{_total.ToString(format, CultureInfo.InvariantCulture)} {_unit}{(speed.Length > 0 ? ", " + speed : "")}");
    }
}
