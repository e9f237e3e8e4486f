using Spectre.Console;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Tables for people, whose names and numbers stay whole.</summary>
/// <remarks>
/// Spectre fits a table to the terminal, or to 80 columns where there is none, and breaks names to do it. Here only columns of sentences are broken; where the rest is wider than
/// the terminal, the terminal wraps the lines, and a file or a pipe gets them as long as they are.
/// </remarks>
public static class TerminalTable
{
    // Above any line; Spectre counts columns in int and adds to them.
    private const int Unlimited = 100_000;

    /// <summary>A table without columns.</summary>
    public static Table New() => new Table().Border(TableBorder.Minimal);

    /// <summary>Adds a column of names.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Plain text.</param>
    public static Table Text(this Table table, string header) => table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap());

    /// <summary>Adds a column of numbers, at the right.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Plain text.</param>
    public static Table Number(this Table table, string header) => table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap().RightAligned());

    /// <summary>Adds a column of sentences, which may be broken between words.</summary>
    /// <param name="table">The table.</param>
    /// <param name="header">Plain text.</param>
    public static Table Sentences(this Table table, string header) => table.AddColumn(Markup.Escape(header));

    /// <summary>Prints it on standard output.</summary>
    /// <param name="table">The table.</param>
    public static void Print(this Table table) => table.Print(AnsiConsole.Console, System.Console.IsOutputRedirected);

    /// <summary>Prints it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="console">Where to.</param>
    /// <param name="redirected">Whether that is a file or a pipe.</param>
    public static void Print(this Table table, IAnsiConsole console, bool redirected)
    {
        var (width, options) = (console.Profile.Width, RenderOptions.Create(console, console.Profile.Capabilities));
        try
        {
            console.Profile.Width = Unlimited;
            if (!redirected)
            {
                // NoWrap alone does not keep Spectre from making a column narrower than its cells where the table is wider than the terminal.
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
