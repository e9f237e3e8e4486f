using Spectre.Console;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Tables on the terminal that never break names and numbers.</summary>
/// <remarks>
/// Spectre fits a table to the width of the terminal, or to 80 columns without one, and breaks names to do so. Here only columns of sentences are
/// broken. If the other columns are wider than the terminal, the terminal wraps the lines; a file or a pipe receives unbroken lines.
/// </remarks>
public static class TerminalTable
{
    // Longer than any line, and small enough that Spectre's sums of int widths do not overflow.
    private const int Unlimited = 100_000;

    /// <summary>Creates a table without columns.</summary>
    public static Table New() => new Table().Border(TableBorder.Minimal);

    /// <summary>Adds a column of names.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Header as plain text.</param>
    public static Table Text(this Table table, string header) => table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap());

    /// <summary>Adds a right-aligned column of numbers.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Header as plain text.</param>
    public static Table Number(this Table table, string header) => table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap().RightAligned());

    /// <summary>Adds a column of sentences, which may be broken between words.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Header as plain text.</param>
    public static Table Sentences(this Table table, string header) => table.AddColumn(Markup.Escape(header));

    /// <summary>Prints the table on standard output.</summary>
    /// <param name="table">The table.</param>
    public static void Print(this Table table) => table.Print(AnsiConsole.Console, System.Console.IsOutputRedirected);

    /// <summary>Prints the table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="console">The console to print on.</param>
    /// <param name="redirected">Whether the console is a file or a pipe.</param>
    public static void Print(this Table table, IAnsiConsole console, bool redirected)
    {
        var (width, options) = (console.Profile.Width, RenderOptions.Create(console, console.Profile.Capabilities));
        try
        {
            console.Profile.Width = Unlimited;
            if (!redirected)
            {
                // Despite NoWrap, Spectre narrows a column below its cells if the table is wider than the terminal.
                foreach (var (column, i) in table.Columns.Select((c, i) => (c, i)).Where(p => p.c.NoWrap))
                {
                    column.Width = table.Rows.Select(row => row[i]).Prepend(column.Header).Max(cell => cell.Measure(options, Unlimited).Max);
                }

                console.Profile.Width = Math.Max(width, ((IRenderable)table).Measure(options, Unlimited).Min);
            }

            console.Write(table);
        }
        finally
        {
            console.Profile.Width = width;
        }
    }
}
