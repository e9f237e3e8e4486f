namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>The tables of all verbs. No line is wider than the terminal, and no word is cut.</summary>
/// <remarks>
/// In a narrow terminal, columns with a rank are left out and named below the table, then headers and sentences are broken between words; where
/// even that is not enough, each row is printed as a block of lines. A file or a pipe receives all columns unbroken, unless COLUMNS is set.
/// </remarks>
public sealed class TerminalTable
{
    private readonly List<TableColumn> _columns = [];
    private readonly List<TableCell[]> _rows = [];

    /// <summary>A way to see the columns that are left out in a narrow terminal.</summary>
    public string Remedy { get; init; } = "COLUMNS=200";

    /// <summary>Adds a column of names or sentences.</summary>
    /// <param name="header">The header.</param>
    /// <param name="rank">0 to show it always; the columns of the highest rank are left out first.</param>
    public TerminalTable Text(string header, int rank = 0) => Add(new TableColumn(header, IsNumber: false, rank));

    /// <summary>Adds a right-aligned column of numbers.</summary>
    /// <inheritdoc cref="Text"/>
    public TerminalTable Number(string header, int rank = 0) => Add(new TableColumn(header, IsNumber: true, rank));

    /// <summary>Adds a row with one cell for each column.</summary>
    public TerminalTable Row(params TableCell[] cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Length != _columns.Count)
        {
            throw new ArgumentException($"Expected {_columns.Count} cells, got {cells.Length}.", nameof(cells));
        }

        _rows.Add(cells);
        return this;
    }

    /// <summary>Lays the table out as plain lines.</summary>
    /// <param name="width">Width of the terminal; null does not limit it.</param>
    public IReadOnlyList<string> Lines(int? width) => [.. Render(width).Select(line => string.Concat(line.Select(part => part.Text)).TrimEnd())];

    /// <summary>Prints the table on standard output.</summary>
    public void Print() => TerminalWriter.WriteStyled(Render(TerminalWidth.Of(System.Console.IsOutputRedirected)));

    private TerminalTable Add(TableColumn column)
    {
        _columns.Add(column);
        return this;
    }

    private IEnumerable<IReadOnlyList<TableCell>> Render(int? width)
    {
        var layout = TableLayout.Create(_columns, _rows, width);
        var lines = layout.Columns.Count == 0 ? Blocks(width ?? int.MaxValue) : Grid(layout);
        foreach (var line in lines)
        {
            yield return line;
        }

        if (layout.LeftOut.Count > 0)
        {
            var note = $"Not shown at this width: {string.Join(", ", layout.LeftOut)} (wider terminal, or {Remedy}).";
            foreach (var line in WordWrap.Line(note, width ?? int.MaxValue))
            {
                yield return [new TableCell(line, CellStyle.Grey)];
            }
        }
    }

    private IEnumerable<IReadOnlyList<TableCell>> Grid(TableLayout layout)
    {
        if (_columns.Exists(c => c.Header.Length > 0))
        {
            foreach (var line in Lines(layout, i => new TableCell(_columns[i].Header, CellStyle.Bold)))
            {
                yield return line;
            }

            yield return [new TableCell(string.Join(new string(' ', TableLayout.Gap), layout.Columns.Select(c => new string('─', c.Width))), CellStyle.Grey)];
        }

        foreach (var line in _rows.SelectMany(row => Lines(layout, i => row[i])))
        {
            yield return line;
        }
    }

    private IEnumerable<IReadOnlyList<TableCell>> Lines(TableLayout layout, Func<int, TableCell> cell)
    {
        var cells = layout.Columns.Select(c => (c.Index, c.Width, cell(c.Index).Style, Lines: WordWrap.Cell(cell(c.Index).Text, c.Width))).ToList();
        var height = cells.Max(c => c.Lines.Count);
        for (var l = 0; l < height; l++)
        {
            var line = new List<TableCell>();
            foreach (var (index, width, style, lines) in cells)
            {
                var text = l < lines.Count ? lines[l] : "";
                var padding = new string(' ', Math.Max(0, width - TerminalWidth.Of(text)));
                var isLast = index == layout.Columns[^1].Index;
                var gap = isLast ? "" : new string(' ', TableLayout.Gap);
                line.Add(new TableCell(_columns[index].IsNumber ? padding + text : isLast ? text : text + padding, style));
                line.Add(gap);
            }

            yield return line;
        }
    }

    private IEnumerable<IReadOnlyList<TableCell>> Blocks(int width)
    {
        foreach (var row in _rows)
        {
            foreach (var i in Enumerable.Range(0, _columns.Count).Where(i => i == 0 || row[i].Text.Length > 0))
            {
                foreach (var line in WordWrap.Line(i == 0 ? row[0].Text : $"  {_columns[i].Header}: {row[i].Text}", width))
                {
                    yield return [row[i] with { Text = line }];
                }
            }
        }
    }
}
