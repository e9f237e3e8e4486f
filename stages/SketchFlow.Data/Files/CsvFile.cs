using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace SketchFlow.Data.Files;

/// <summary>
/// Comma-separated tables (RFC 4180) as every stage writes them: UTF-8 without a byte order mark, lines that end in <c>\n</c>,
/// numbers in full and with a point whatever the language; a file appears whole or not at all (<see cref="WholeFile"/>).
/// </summary>
public static class CsvFile
{
    /// <summary>The format, for what reads the tables again.</summary>
    public static CsvConfiguration Format => new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Writes a row for each record, with its members' names as the heading.</summary>
    public static void Write<T>(string path, IEnumerable<T> records) => Write(path, csv => csv.WriteRecords(records));

    /// <summary>Writes through <paramref name="write"/> what has columns of its own; on any exception the old file, if any, stays.</summary>
    public static void Write(string path, Action<CsvWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        WholeFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);
            using var csv = new CsvWriter(text, Format);
            write(csv);
        });
    }

    /// <summary>The table of <see cref="Write{T}(string, IEnumerable{T})"/> as text.</summary>
    public static string Text<T>(IEnumerable<T> records) => Text(csv => csv.WriteRecords(records));

    /// <summary>What <paramref name="write"/> writes, as text.</summary>
    public static string Text(Action<CsvWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Format))
        {
            write(csv);
        }

        return text.ToString();
    }

    /// <summary>Writes one row: a cell a value, empty for null.</summary>
    public static void WriteRow(this CsvWriter csv, IEnumerable<object?> cells)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(cells);
        foreach (var cell in cells)
        {
            csv.WriteField(cell);
        }

        csv.NextRecord();
    }
}
