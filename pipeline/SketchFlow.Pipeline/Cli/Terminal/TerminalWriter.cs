using System.Text;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Writes to the terminal; once the terminal is closed, text is dropped instead of ending the work, which then saves because of SIGHUP.</summary>
/// <param name="terminal">The writer of the terminal.</param>
internal sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    // A closed terminal answers each write with this error of the system.
    private const int InputOutputError = 5;

    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Lets both streams of the console survive a closed terminal. A file or pipe to which a stream is redirected keeps its errors.</summary>
    public static void Install()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(new TerminalWriter(Console.Out));
        }

        if (!Console.IsErrorRedirected)
        {
            Console.SetError(new TerminalWriter(Console.Error));
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => terminal.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => terminal.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => terminal.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(terminal.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when (e.HResult == InputOutputError)
        {
            // Nobody reads the text.
        }
    }
}
