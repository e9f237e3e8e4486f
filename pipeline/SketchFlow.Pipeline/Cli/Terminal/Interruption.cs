using System.Runtime.InteropServices;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Ctrl-C and SIGTERM as a cancellation: the verb finishes its step, saves and exits with 130. A second one ends at once.</summary>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    public Interruption() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Take), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take)];

    /// <summary>Cancelled by the first signal.</summary>
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

    private void Take(PosixSignalContext context)
    {
        // Without cancelling the signal's default, the second one ends the process.
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
