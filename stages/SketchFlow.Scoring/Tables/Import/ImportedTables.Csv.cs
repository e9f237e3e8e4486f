using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables.Import;

public static partial class ImportedTables
{
    // Columns of paths come first: a number in them is a file name, never a row number.
    private static readonly string[] _pathColumns = ["image_path", "filename", "path"];
    private static readonly string[] _keyColumns = [.. _pathColumns, "id"];

    // Tools write row numbers under these names as well, but they may also be names of classes: they count only where there is no other.
    private static readonly string[] _furtherIdColumns = ["row", "row_id", "index"];

    /// <summary>Reads a CSV with a header: a column of ids or paths, one column per class with the class's name, and optionally <c>target</c>.</summary>
    /// <remarks>
    /// Class columns are matched by name, so their order is free. Columns called <c>0</c>, <c>1</c>, … or <c>prob_0</c>, … name no classes: then the order
    /// must be given.
    /// </remarks>
    private static RawTable ReadCsv(string path, ImportOptions options)
    {
        using var text = new StreamReader(path);
        var format = CsvFile.FormatOf(path);
        format.MissingFieldFound = null;
        using var csv = new CsvReader(text, format);
        if (!csv.Read() || !csv.ReadHeader() || csv.HeaderRecord is not { } header)
        {
            throw new RefusalException($"{path} is empty, expected a header with {string.Join(", ", _keyColumns)} and one column per class.");
        }

        var key = FindKeyColumn(path, header);
        var target = Array.FindIndex(header, h => string.Equals(h.Trim(), "target", StringComparison.OrdinalIgnoreCase));
        int[] columns =
        [
            .. Enumerable.Range(0, header.Length)
                .Where(i => i != key && i != target && !_keyColumns.Contains(header[i].Trim(), StringComparer.OrdinalIgnoreCase)),
        ];
        if (columns.Length == 0)
        {
            throw new RefusalException($"{path} has the columns {Abbreviate(header)}, expected one column per class in addition to {header[key]}.");
        }

        string[] names = [.. columns.Select(c => header[c])];
        var (classes, named) = CsvClasses(path, names, options);
        var (keys, values, targets) = (new List<string>(), new List<double>(), new List<string?>());
        while (csv.Read())
        {
            keys.Add(csv.GetField(key) ?? "");
            targets.Add(target < 0 ? null : csv.GetField(target));
            if (csv.Parser.Count != header.Length)
            {
                throw new RefusalException($"{path} has {csv.Parser.Count} fields in line {csv.Parser.RawRow}, expected {header.Length} as in its header.");
            }

            foreach (var column in columns)
            {
                values.Add(double.TryParse(csv.GetField(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
                    ? x
                    : throw new RefusalException($"{path} has '{csv.GetField(column)}' for {header[column]} in line {csv.Parser.RawRow}, expected a number."));
            }
        }

        return new RawTable([.. keys], header[key].Trim(), classes, [.. values], AreProbabilities(path, options, named), target < 0 ? null : [.. targets]);
    }

    private static int FindKeyColumn(string path, string[] header)
    {
        foreach (var name in _keyColumns.Concat(_furtherIdColumns))
        {
            if (Array.FindIndex(header, h => string.Equals(h.Trim(), name, StringComparison.OrdinalIgnoreCase)) is var at and >= 0)
            {
                return at;
            }
        }

        throw new RefusalException(
            $"{path} has the columns {Abbreviate(header)}, "
            + $"expected one called {string.Join(", ", _pathColumns)} or {_keyColumns[^1]} that identifies the row.");
    }

    /// <summary>Determines the classes of the columns, and whether their names call the numbers probabilities (null: they do not state it).</summary>
    private static (IReadOnlyList<string> Classes, bool? Probabilities) CsvClasses(string path, string[] names, ImportOptions options)
    {
        static int Number(string name) =>
            int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var plain) ? plain
            : NumberedColumn().Match(name) is { Success: true } match
                && int.TryParse(match.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : -1;

        var numbers = names.Select(Number).ToArray();
        static string Stem(string name) => NumberedColumn().Match(name) is { Success: true } match ? match.Groups["name"].Value : "";
        var stems = names.Select(Stem).Distinct(StringComparer.Ordinal).ToArray();
        // Class names may end with numbers as well: only a complete sequence 0, 1, 2, … with one stem is taken as numbers.
        if (stems.Length != 1 || !numbers.SequenceEqual(Enumerable.Range(0, names.Length)))
        {
            return options.ClassNames is null
                ? (names, null)
                : throw new RefusalException($"{path} names its classes in its header, expected no other class names; omit --classes.");
        }

        return (GivenClassNames(path, options, names.Length), stems[0] switch { "logit" or "logits" => false, "prob" or "probs" => true, _ => null });
    }

    private static string Abbreviate(string[] names) => string.Join(", ", names.Take(6)) + (names.Length > 6 ? ", …" : "");
}
