using System.Text;

namespace SketchFlow.Data.Files;

/// <summary>Tables in GitHub Flavored Markdown (section 4.10).</summary>
public static class MarkdownTable
{
    /// <summary>Writes a table. Pipes in cells are escaped and line breaks become spaces, so that a cell cannot break its row.</summary>
    /// <param name="columns">Column names.</param>
    /// <param name="rows">Cells of each row, one per column; they may hold inline Markdown.</param>
    /// <param name="numbers">True aligns every column but the first to the right.</param>
    /// <returns>One line per row, each ending in <c>\n</c>.</returns>
    public static string Write(IReadOnlyList<string> columns, IEnumerable<IEnumerable<string>> rows, bool numbers = false)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder();
        AppendRow(text, columns);
        AppendRow(text, columns.Select((_, column) => numbers && column > 0 ? "---:" : "---"));
        foreach (var row in rows)
        {
            AppendRow(text, row);
        }

        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");

    private static string Escape(string cell) => cell.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
