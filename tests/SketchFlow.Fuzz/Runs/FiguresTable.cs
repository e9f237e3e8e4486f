using System.Globalization;
using SketchFlow.Data.Files;

namespace SketchFlow.Fuzz.Runs;

/// <summary>The table of a run: one line per reader.</summary>
public static class FiguresTable
{
    /// <summary>Formats the table in Markdown.</summary>
    public static string Format(IEnumerable<ReaderFigures> figures) => MarkdownTable.Write(
        ["reader", "inputs", "accepted", "refused", "failures", "unconfirmed", "slowest ms", "largest MB"],
        figures.Select(f => (IEnumerable<string>)
        [
            f.Reader, Number(f.Inputs), Number(f.Accepted), Number(f.Refused), Number(f.Failures), Number(f.Unconfirmed), Number(f.Slowest), Number(f.Largest),
        ]),
        numbers: true);

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
