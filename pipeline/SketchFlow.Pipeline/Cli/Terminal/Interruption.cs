using System.Globalization;
using System.Runtime.InteropServices;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Turns signals into a cancellation: the verb finishes its step, saves and exits with 130.</summary>
/// <remarks>
/// The signals are Ctrl-C, SIGTERM, SIGHUP (the terminal was closed) and SIGUSR1 (Slurm's <c>--signal</c> before the time limit). A second Ctrl-C or SIGTERM
/// ends the process; SIGHUP and SIGUSR1 never do, because a shell and a session manager both send them, often twice.
/// </remarks>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly string _sentence;
    private bool _isAsked;

    /// <summary>Whether a verb ends its work in an orderly way when a signal arrives.</summary>
    public static bool IsActive { get; private set; }

    /// <summary>Registers the signal handlers.</summary>
    /// <param name="sentence">The sentence that the first Ctrl-C or SIGTERM prints.</param>
    public Interruption(string sentence = "Stopping after the current step; Ctrl-C again ends immediately.")
    {
        _sentence = sentence;
        IsActive = true;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        // nohup starts a program with SIGHUP ignored, so that it survives the terminal.
        if (!IsIgnored(1))
        {
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnNotice));
        }

        // .NET has no name for SIGUSR1, but takes the number of the system.
        if (!OperatingSystem.IsWindows())
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10), OnNotice));
        }
    }

    /// <summary>Token that the first signal cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        IsActive = false;
        _registrations.ForEach(r => r.Dispose());
        _source.Dispose();
    }

    // Whether the parent process had the signal ignored: a bit in the mask of /proc/self/status, where there is one.
    private static bool IsIgnored(int signal)
    {
        const string Status = "/proc/self/status";
        const string Mask = "SigIgn:";
        return File.Exists(Status)
            && File.ReadLines(Status).FirstOrDefault(l => l.StartsWith(Mask, StringComparison.Ordinal)) is { } line
            && ulong.TryParse(line.AsSpan(Mask.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var ignored)
            && (ignored >> (signal - 1) & 1) == 1;
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The default action of the second signal is kept: it ends the process.
        context.Cancel = !_isAsked;
        if (_isAsked)
        {
            StatusDisplay.Current?.Dispose();
            Console.Error.WriteLine("Ended immediately.");
            return;
        }

        _isAsked = true;
        Console.Error.WriteLine(_sentence);
        _source.Cancel();
    }

    private void OnNotice(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
