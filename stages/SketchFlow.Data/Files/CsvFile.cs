using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Files;

/// <summary>
/// Comma-separated tables (RFC 4180) as every stage writes them: UTF-8 without a byte order mark, lines that end in <c>\n</c>, numbers with all
/// digits and a decimal point regardless of the language. A file appears whole or not at all (<see cref="WholeFile"/>).
/// </summary>
public static class CsvFile
{
    // Characters of lines that may be copied because of stray quotes: for each character that was read, and in any case.
    private const long LineCopies = 16;
    private const long FreeCopies = 1 << 22;

    /// <summary>Format of the tables, for their readers.</summary>
    public static CsvConfiguration Format => new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Returns the format of a table from elsewhere. A stray quote within a field is kept, because the row may still be usable.</summary>
    /// <param name="path">The table, for messages.</param>
    /// <exception cref="RefusalException">
    /// Thrown while reading, where a line consists of little else than stray quotes: CsvHelper copies the line for each of them.
    /// </exception>
    public static CsvConfiguration FormatOf(string path)
    {
        var copied = 0L;
        return new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = field =>
            {
                copied += field.RawRecord.Length;
                if (copied > LineCopies * (field.Context.Parser?.CharCount ?? 0) + FreeCopies)
                {
                    throw new RefusalException(
                        $"{path} has a line of {field.RawRecord.Length} characters with very many stray quotes; remove them, or double quotes within a field.");
                }
            },
        };
    }

    /// <summary>Writes a row for each record, under the names of its members.</summary>
    public static void Write<T>(string path, IEnumerable<T> records) => Write(path, csv => csv.WriteRecords(records));

    /// <summary>Writes a table through <paramref name="write"/>, which chooses the columns. On an exception an existing file stays unchanged.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the rows.</param>
    /// <param name="separator">Character between fields.</param>
    public static void Write(string path, Action<CsvWriter> write, char separator = ',')
    {
        ArgumentNullException.ThrowIfNull(write);
        WholeFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);
            var format = Format;
            format.Delimiter = separator.ToString();
            using var csv = new CsvWriter(text, format);
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
