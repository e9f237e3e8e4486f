using System.Text;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>The terminal as Spectre sees it: its size, and whether it is one.</summary>
/// <param name="writer">The writer of the terminal.</param>
/// <param name="redirected">Whether it is a file or a pipe.</param>
internal sealed class TerminalOutput(TextWriter writer, bool redirected) : IAnsiConsoleOutput
{
    // The width without a terminal, as in Spectre.
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;

    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => !redirected;

    /// <inheritdoc/>
    public int Width => Measure(() => Console.BufferWidth, DefaultWidth);

    /// <inheritdoc/>
    public int Height => Measure(() => Console.WindowHeight, DefaultHeight);

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
        // The encoding of the console is that of the system.
    }

    private static int Measure(Func<int> read, int otherwise)
    {
        try
        {
            return read() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
