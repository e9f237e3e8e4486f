using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Competitions;

/// <summary>
/// Reads <c>train.csv</c>, <c>test.csv</c> and other tables of a competition: RFC 4180 with commas, semicolons, tabs or bars between fields; UTF-8, or
/// UTF-16 with a byte order mark, or the encoding that the user gives. Bytes that are no text are refused, since two names could become one.
/// </summary>
internal sealed class CompetitionTable
{
    private const int LongestField = 1 << 20;
    private const int LongestGuess = 1 << 22;

    private static readonly string[] _separators = [",", ";", "\t", "|"];

    private static readonly Dictionary<string, int> _noColumns = [];

    private readonly string _file;
    private readonly Encoding _encoding;
    private readonly string? _encodingName;

    private CompetitionTable(string file, string? name, Encoding encoding) => (_file, _encodingName, _encoding) = (file, name, FindEncoding(file, encoding));

    /// <summary>Names of the columns whose fields were kept: usually of all.</summary>
    public string[] Header { get; private set; } = [];

    /// <summary>Names of all columns.</summary>
    public string[] Columns { get; private set; } = [];

    /// <summary>Path of the table.</summary>
    public string File => _file;

    /// <summary>Name of the table in sentences.</summary>
    public string Name => Path.GetFileName(_file);

    /// <summary>Character between fields.</summary>
    public string Separator { get; private set; } = ",";

    /// <summary>Rows below the header.</summary>
    public List<CompetitionRow> Rows { get; } = [];

    /// <summary>Reads a table.</summary>
    /// <param name="file">The table.</param>
    /// <param name="encoding">Name of its encoding if it is not UTF-8.</param>
    /// <param name="names">Columns that it must have.</param>
    /// <exception cref="RefusalException">The table is not text, or has no such columns.</exception>
    public static CompetitionTable Read(string file, string? encoding, string[] names)
    {
        var table = new CompetitionTable(file, encoding, encoding is null ? TextEncodings.Utf8 : TextEncodings.Find(encoding));
        table.Guarded(() => table.ReadRows(names));
        return table;
    }

    /// <summary>Reads a table with any columns.</summary>
    /// <param name="file">The table.</param>
    /// <param name="encoding">Name of its encoding if it is not UTF-8.</param>
    /// <param name="keeps">Chooses the columns whose fields are kept, by name; null keeps all. The first is always kept.</param>
    /// <exception cref="RefusalException">The table is empty or is not text.</exception>
    public static CompetitionTable ReadAny(string file, string? encoding, Func<string, bool>? keeps = null)
    {
        var table = new CompetitionTable(file, encoding, encoding is null ? TextEncodings.Utf8 : TextEncodings.Find(encoding));
        table.Guarded(() => table.ReadAllRows(keeps));
        return table;
    }

    /// <summary>Reads the names of the columns; none for a table that cannot be read.</summary>
    public static IReadOnlyList<string> ReadColumns(string file)
    {
        try
        {
            var table = new CompetitionTable(file, null, Encoding.Latin1);
            return table.Guarded(() => table.ReadHeader(null).Header ?? []);
        }
        catch (RefusalException)
        {
            return [];
        }
    }

    /// <summary>Returns the values of a column.</summary>
    public List<string> Values(int column) => Rows.ConvertAll(r => r.Field(column));

    /// <summary>Counts the columns of those names in the header of a table in any encoding; 0 for a table that cannot be read.</summary>
    public static int CountColumns(string file, string[] names)
    {
        try
        {
            var table = new CompetitionTable(file, null, Encoding.Latin1);
            var header = table.Guarded(() => table.ReadHeader(names).Header ?? []);
            // A table in UTF-16 without a byte order mark; its encoding is named when it is read.
            return header.Any(h => h.Contains('\0', StringComparison.Ordinal)) ? names.Length : CountNames(header, names);
        }
        catch (RefusalException)
        {
            return 0;
        }
    }

    private void ReadRows(string[] names)
    {
        var (found, separator, skipped) = ReadHeader(names);
        Header = found ?? throw new RefusalException($"{_file} is empty; its first line must name the columns {string.Join(", ", names)}.");
        (Columns, Separator) = (Header, separator);
        var columns = names.ToDictionary(name => name, name => ColumnOf(Header, name, names), StringComparer.Ordinal);
        AddRows(separator, skipped, record => new CompetitionRow(record, columns, separator));
    }

    private void ReadAllRows(Func<string, bool>? keeps)
    {
        var (found, separator, skipped) = ReadHeader(null);
        Columns = found ?? throw new RefusalException($"{_file} is empty; its first line must name the columns, such as id,label.");
        if (Columns.Any(c => c.Contains('\0', StringComparison.Ordinal)))
        {
            throw Undecodable(null);
        }

        int[] kept = [.. Enumerable.Range(0, Columns.Length).Where(i => i == 0 || keeps is null || keeps(Columns[i]))];
        (Header, Separator) = ([.. kept.Select(i => Columns[i])], separator);
        AddRows(separator, skipped, record => new CompetitionRow(
            kept.Length == Columns.Length ? record : [.. kept.Select(i => i < record.Length ? record[i] : "")], _noColumns, separator));
    }

    private void AddRows(string separator, bool skipped, Func<string[], CompetitionRow> create)
    {
        using var table = Open(separator, skipped);
        _ = table.Read();
        while (table.Read())
        {
            var record = table.Record!;
            if (record.Any(f => f.Contains('\n', StringComparison.Ordinal)))
            {
                // Everything up to the next quote has become part of this field.
                throw new RefusalException($"{_file} has a quote that is not closed on its line, near line {table.RawRow}; close it or double it.");
            }

            Rows.Add(create(record));
        }
    }

    /// <summary>
    /// Reads the first line with the separator that makes the most of the needed columns of it, or of columns with usual names; null for an empty table.
    /// </summary>
    private (string[]? Header, string Separator, bool IsSkipped) ReadHeader(string[]? names)
    {
        var (isSkipped, separators) = (false, _separators);
        using (var text = OpenText())
        {
            // Excel takes the separator from a first line such as sep=;
            var (buffer, first) = (new char[7], "");
            first = new string(buffer, 0, text.ReadBlock(buffer)).Trim('"', '\r', '\n');
            if (first.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && first.Length > 4)
            {
                (isSkipped, separators) = (true, [first[4..5]]);
            }
        }

        return separators.Select(separator =>
        {
            using var table = Open(separator, isSkipped);
            return (table.Read() ? table.Record : null, separator, isSkipped);
        }).MaxBy(read => names is null ? (CountUsual(read.Item1 ?? []), read.Item1?.Length ?? 0) : (CountNames(read.Item1 ?? [], names), 0));
    }

    private CsvParser Open(string separator, bool skipLine)
    {
        var text = OpenText();
        if (skipLine)
        {
            _ = text.ReadLine();
        }

        var format = CsvFile.FormatOf(_file);
        (format.TrimOptions, format.Delimiter, format.MaxFieldSize) = (TrimOptions.Trim, separator, LongestField);
        return new CsvParser(text, format);
    }

    private StreamReader OpenText()
    {
        var text = new StreamReader(OpenFile(_file), _encoding, detectEncodingFromByteOrderMarks: false);
        if (text.Peek() == '\uFEFF')
        {
            _ = text.Read();
        }

        return text;
    }

    private static Encoding FindEncoding(string file, Encoding given)
    {
        Span<byte> start = stackalloc byte[3];
        using var stream = OpenFile(file);
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..read] switch
        {
            [0xEF, 0xBB, 0xBF] => TextEncodings.Utf8,
            [0xFF, 0xFE, ..] => TextEncodings.Find("utf-16"),
            [0xFE, 0xFF, ..] => TextEncodings.Find("utf-16BE"),
            _ => given,
        };
    }

    private static FileStream OpenFile(string file)
    {
        try
        {
            return System.IO.File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{file} cannot be read ({e.Message.TrimEnd('.')}); make it readable.", e);
        }
    }

    private void Guarded(Action read) => Guarded(() =>
    {
        read();
        return 0;
    });

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw Undecodable(e);
        }
        catch (CsvHelperException e)
        {
            throw new RefusalException(
                $"{_file} has a field of more than {LongestField} characters, or is no table ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); correct it.", e);
        }
    }

    private RefusalException Undecodable(Exception? e)
    {
        if (_encodingName is not null)
        {
            return new RefusalException(
                $"{_file} is not text in {_encodingName}, which data.encoding says; correct data.encoding, or save the table as UTF-8.", e!);
        }

        var bytes = new byte[Math.Min(LongestGuess, new FileInfo(_file).Length)];
        using var stream = System.IO.File.OpenRead(_file);
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var guess = EncodingGuess.Find(bytes.AsSpan(0, read));
        return new RefusalException(
            $"{_file} is not UTF-8, but {EncodingGuess.Describe(bytes.AsSpan(0, read))}; "
            + $"save it as UTF-8, or give its encoding with --set data.encoding={guess ?? "windows-1252"} (data stats: --encoding).", e!);
    }

    private int ColumnOf(string[] header, string name, string[] names)
    {
        var places = Enumerable.Range(0, header.Length).Where(i => string.Equals(header[i], name, StringComparison.OrdinalIgnoreCase)).ToArray();
        var (found, expected) = (string.Join(", ", header), string.Join(", ", names));
        return places.Length switch
        {
            1 => places[0],
            0 when header.Any(h => h.Contains('\0', StringComparison.Ordinal)) => throw Undecodable(null),
            0 => throw new RefusalException($"{_file} has no column {name}: found {found}, expected {expected}; name the columns in the first line."),
            _ => throw new RefusalException(
                $"{_file} has the column {name} {places.Length} times: found {found}, expected each of {expected} once; remove the others."),
        };
    }

    private static int CountUsual(string[] header) => header.Select(ColumnNames.Plain)
        .Count(name => ColumnNames.Images.Contains(name) || ColumnNames.Ids.Contains(name) || ColumnNames.Labels.Contains(name));

    private static int CountNames(string[] header, string[] names) => names.Count(n => header.Contains(n, StringComparer.OrdinalIgnoreCase));
}
