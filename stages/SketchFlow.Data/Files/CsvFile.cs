using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace SketchFlow.Data.Files;

/// <summary>
/// Comma-separated tables (RFC 4180) as every stage writes them: UTF-8 without a byte order mark, lines that end in <c>\n</c>, numbers with all
/// digits and a decimal point regardless of the language. A file appears whole or not at all (<see cref="WholeFile"/>).
/// </summary>
public static class CsvFile
{
    /// <summary>Format of the tables, for their readers.</summary>
    public static CsvConfiguration Format => new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Writes a row for each record, under the names of its members.</summary>
    public static void Write<T>(string path, IEnumerable<T> records) => Write(path, csv => csv.WriteRecords(records));

    /// <summary>Writes a table through <paramref name="write"/>, which chooses the columns. On an exception an existing file stays unchanged.</summary>
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

    /// <summary>Returns the table of <see cref="Write{T}(string, IEnumerable{T})"/> as text.</summary>
    public static string Text<T>(IEnumerable<T> records) => Text(csv => csv.WriteRecords(records));

    /// <summary>Returns the table that <paramref name="write"/> writes as text.</summary>
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

    /// <summary>Writes one row with a cell for each value, empty for null.</summary>
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
