using System.Runtime.InteropServices;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>
/// Ends the program immediately on Ctrl-C or SIGTERM, with a sentence that says what happened, unless an <see cref="Interruption"/> ends the work in an
/// orderly way.
/// </summary>
internal sealed class EndOnSignal : IDisposable
{
    private readonly Func<string> _sentence;
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Registers the signal handlers.</summary>
    /// <param name="sentence">Returns the sentence.</param>
    public EndOnSignal(Func<string> sentence)
    {
        _sentence = sentence;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
    }

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        if (Interruption.IsActive)
        {
            return;
        }

        context.Cancel = true;
        StatusDisplay.Current?.Dispose();
        Console.Error.WriteLine(_sentence());
        Environment.Exit(ExitCode.Interrupted);
    }
}
