using System.Text;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>The terminal as Spectre sees it: its size, and whether it is one.</summary>
/// <param name="writer">The writer of the terminal.</param>
/// <param name="redirected">Whether it is a file or a pipe.</param>
internal sealed class TerminalOutput(TextWriter writer, bool redirected) : IAnsiConsoleOutput
{
    // As in Spectre.
    private const int DefaultHeight = 24;

    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => !redirected;

    /// <inheritdoc/>
    public int Width => TerminalWidth.OfConsole();

    /// <inheritdoc/>
    public int Height
    {
        get
        {
            try
            {
                return Console.WindowHeight is > 0 and var height ? height : DefaultHeight;
            }
            catch (IOException)
            {
                return DefaultHeight;
            }
        }
    }

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
        // The encoding of the console is that of the system.
    }
}
