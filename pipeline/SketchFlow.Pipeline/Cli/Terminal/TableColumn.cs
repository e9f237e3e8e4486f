namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>A column of a table on the terminal.</summary>
/// <param name="Header">The header.</param>
/// <param name="IsNumber">Whether the cells are numbers: aligned to the right and never broken.</param>
/// <param name="Rank">0 for a column that is always shown; where the terminal is too narrow, the columns of the highest rank are left out first.</param>
internal sealed record TableColumn(string Header, bool IsNumber, int Rank)
{
    /// <summary>Returns the width below which a word of the header or a cell would be cut.</summary>
    public int Least(IEnumerable<string> cells) =>
        cells.Select(c => IsNumber ? TerminalWidth.Of(c) : Longest(c)).Prepend(Longest(Header)).Max();

    /// <summary>Returns the width below which a table is hard to read; other columns are left out first.</summary>
    public int Comfortable(IEnumerable<string> cells)
    {
        var all = cells.ToList();
        return Math.Max(Least(all), Math.Min(Whole(all), IsNumber ? 0 : Rank > 0 ? 32 : 24));
    }

    /// <summary>Returns the width at which nothing is broken.</summary>
    public int Whole(IEnumerable<string> cells) => cells.Prepend(Header).Max(TerminalWidth.Of);

    private static int Longest(string text) => WordWrap.Words(text).Select(TerminalWidth.Of).DefaultIfEmpty().Max();
}
