using System.Text;
using SketchFlow.Data.Messages;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>
/// Writes to the terminal without control characters, which names and answers from elsewhere may have. Once the terminal is closed, text is dropped instead of
/// ending the work, which then saves because of SIGHUP.
/// </summary>
/// <param name="terminal">The writer of the terminal, or of the file or pipe to which it is redirected.</param>
/// <param name="redirected">Whether it is a file or a pipe, which keeps its errors.</param>
internal sealed class TerminalWriter(TextWriter terminal, bool redirected) : TextWriter
{
    // A closed terminal answers each write with this error of the system.
    private const int InputOutputError = 5;

    private static bool _isInstalled;

    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Lets both streams of the console, and Spectre's tables on them, write clean text.</summary>
    public static void Install()
    {
        if (_isInstalled)
        {
            return;
        }

        _isInstalled = true;
        AnsiConsole.Console = CreateConsole(Console.Out, Console.IsOutputRedirected);
        Console.SetOut(new TerminalWriter(Console.Out, Console.IsOutputRedirected));
        Console.SetError(new TerminalWriter(Console.Error, Console.IsErrorRedirected));
    }

    /// <summary>Creates a console whose own control sequences reach the terminal, and no others.</summary>
    /// <param name="writer">The writer of the terminal.</param>
    /// <param name="redirected">Whether it is a file or a pipe.</param>
    public static IAnsiConsole CreateConsole(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(writer, redirected) });
        console.Pipeline.Attach(new CleanText());
        return console;
    }

    /// <summary>Lets a write fail silently where the terminal was closed.</summary>
    /// <param name="write">The write.</param>
    /// <param name="redirected">Whether the stream is a file or a pipe.</param>
    public static void Try(Action write, bool redirected)
    {
        try
        {
            write();
        }
        catch (IOException e) when (e.HResult == InputOutputError && !redirected)
        {
            // Nobody reads the text.
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => terminal.Write(PrintableText.Clean(value ?? "")), redirected);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(PrintableText.Clean(value ?? "")), redirected);

    /// <inheritdoc/>
    public override void Flush() => Try(terminal.Flush, redirected);
}
