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
    private static TextWriter? _output;

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
        _output = Console.Out;
        AnsiConsole.Console = CreateConsole(Console.Out, Console.IsOutputRedirected);
        var error = CreateConsole(Console.Error, Console.IsErrorRedirected);
        StatusDisplay.Start(Console.Error, !Console.IsErrorRedirected && error.Profile.Capabilities.Ansi);
        Console.SetOut(new TerminalWriter(Console.Out, Console.IsOutputRedirected));
        Console.SetError(new TerminalWriter(Console.Error, Console.IsErrorRedirected));
    }

    // Spectre knows what the terminal can show.
    private static IAnsiConsole CreateConsole(TextWriter writer, bool redirected) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(writer, redirected) });

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

    /// <summary>Prints lines on standard output, with their emphasis where the terminal shows it.</summary>
    internal static void WriteStyled(IEnumerable<IReadOnlyList<TableCell>> lines)
    {
        var isStyled = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            var cells = line.Select(c => c with { Text = PrintableText.Line(c.Text, int.MaxValue) }).ToList();
            var end = string.Concat(cells.Select(c => c.Text)).TrimEnd().Length;
            foreach (var (cell, style) in cells)
            {
                var shown = cell[..Math.Clamp(end, 0, cell.Length)];
                end -= cell.Length;
                text.Append(isStyled && style != CellStyle.Plain && shown.Length > 0 ? $"\u001b[{CodeOf(style)}m{shown}\u001b[0m" : shown);
            }

            text.AppendLine();
        }

        StatusDisplay.Around(() => Try(() => (_output ?? Console.Out).Write(text), Console.IsOutputRedirected), endsLine: true);
    }

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        var text = PrintableText.Clean(value ?? "");
        StatusDisplay.Around(() => Try(() => terminal.Write(text), redirected), endsLine: text.EndsWith('\n'));
    }

    /// <summary>Writes lines, broken between words where the terminal is narrower.</summary>
    /// <param name="value">The lines.</param>
    public override void WriteLine(string? value)
    {
        var text = PrintableText.Clean(value ?? "");
        if (TerminalWidth.Of(redirected) is { } width)
        {
            text = string.Join('\n', text.Split('\n').SelectMany(line => WordWrap.Line(line, width)));
        }

        StatusDisplay.Around(() => Try(() => terminal.WriteLine(text), redirected), endsLine: true);
    }

    private static string CodeOf(CellStyle style) => style switch
    {
        CellStyle.Bold => "1",
        CellStyle.Green => "32",
        CellStyle.Red => "31",
        _ => "90",
    };

    /// <inheritdoc/>
    public override void Flush() => Try(terminal.Flush, redirected);
}
