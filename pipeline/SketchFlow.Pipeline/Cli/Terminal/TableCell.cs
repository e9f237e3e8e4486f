namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>A cell of a table on the terminal.</summary>
/// <param name="Text">The text, on one line.</param>
/// <param name="Style">The emphasis.</param>
public readonly record struct TableCell(string Text, CellStyle Style = CellStyle.Plain)
{
    /// <summary>Creates a cell without emphasis.</summary>
    public static implicit operator TableCell(string text) => new(text);

    /// <summary>Creates a cell without emphasis.</summary>
    public static TableCell ToTableCell(string text) => new(text);
}
