using System.Runtime.InteropServices;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Turns Ctrl-C and SIGTERM into a cancellation: the verb finishes its step, saves and exits with 130. A second signal ends the process.</summary>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Registers the signal handlers.</summary>
    public Interruption() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    /// <summary>Token that the first signal cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The default action of the second signal is kept: it ends the process.
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
