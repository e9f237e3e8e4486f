using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Submissions;

/// <summary>A CSV table of images and their classes, or of a probability for each class: a submission, or the answers to it.</summary>
/// <param name="Source">Path of the file.</param>
/// <param name="Ids">Id of each row; empty if the table has no column of ids.</param>
/// <param name="ImagePaths">Path of each row, with slashes; empty if the table has no column of paths.</param>
/// <param name="Numbers">Class number of each row; empty if the table has no numbers.</param>
/// <param name="Names">Class name of each row; empty if the table has no names.</param>
public sealed record LabelTable(
    string Source, ImmutableArray<string> Ids, ImmutableArray<string> ImagePaths, ImmutableArray<int> Numbers, ImmutableArray<string> Names)
{
    // Names are compared without case and separators.
    private static readonly string[] _ids = ["id", "imageid", "imgid", "idcode", "testid", "rowid", "sampleid", "fileid", "row", "index"];
    private static readonly string[] _paths = ["imagepath", "filename", "path", "image", "file"];
    private static readonly string[] _labels =
        ["target", "label", "class", "category", "prediction", "predicted", "answer", "expected", "classid", "classname"];

    /// <summary>All labels of each row, best first, where cells have several; empty where every cell has one.</summary>
    public ImmutableArray<ImmutableArray<string>> Rankings { get; init; } = [];

    /// <summary>Whether cells had several labels, best first, of which the first was taken.</summary>
    public bool IsRanked => !Rankings.IsEmpty;

    /// <summary>Number of rows.</summary>
    public int Rows => Math.Max(Numbers.Length, Names.Length);

    /// <summary>
    /// Reads a table with a header: a column of ids or paths, and a column of class numbers or names, or both, or a column of probabilities for each class.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    /// <exception cref="RefusalException">The file is missing or empty, has no such columns, or a row lacks a value.</exception>
    public static LabelTable Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new RefusalException($"{path} does not exist, expected a CSV table of images and classes.");
        }

        using var text = new StreamReader(path);
        var format = CsvFile.FormatOf(path);
        format.TrimOptions = TrimOptions.Trim;
        using var csv = new CsvParser(text, format);
        if (!csv.Read() || csv.Record is not { } header)
        {
            throw new RefusalException($"{path} is empty, expected a header with id or image_path and target or class_name.");
        }

        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add(csv.Record!.Length == header.Length ? csv.Record : throw new RefusalException(
                $"{path} has {csv.Record.Length} fields in line {csv.RawRow}, expected {header.Length} as in its header."));
        }

        if (rows.Count == 0)
        {
            throw new RefusalException($"{path} has a header and no row, expected one row per image.");
        }

        return From(path, header, rows);
    }

    /// <summary>
    /// Returns the table with the first label of each cell that has several, separated by spaces (underscores replace their own spaces), and all of them as
    /// <see cref="Rankings"/>.
    /// </summary>
    /// <param name="names">Class names that are known.</param>
    /// <param name="hasNumbers">Whether the classes are known by number.</param>
    public LabelTable WithFirstLabels(IReadOnlyCollection<string> names, bool hasNumbers)
    {
        ArgumentNullException.ThrowIfNull(names);
        var known = names.ToHashSet(StringComparer.Ordinal);
        if (Names.IsEmpty || Names.All(known.Contains))
        {
            return this;
        }

        string[][] cells = [.. Names.Select(n => known.Contains(n) ? [n] : n.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        var isRanked = cells.Any(c => c.Length > 1);
        if (hasNumbers && Numbers.IsEmpty && cells.All(c => c.Length > 0 && c.All(IsNumber)))
        {
            return this with
            {
                Numbers = [.. cells.Select(c => Number(c[0]))],
                Names = [],
                Rankings = Ranked(label => Number(label).ToString(CultureInfo.InvariantCulture)),
            };
        }

        var underscored = names.GroupBy(n => n.Replace(' ', '_'), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        string[] found = [.. cells.Select(c => c.Length == 0 ? "" : Known(c[0]) ?? "")];
        return found.Contains("") ? this : this with { Names = [.. found], Rankings = Ranked(label => Known(label) ?? label) };

        string? Known(string label) => known.Contains(label) ? label : underscored.GetValueOrDefault(label);

        ImmutableArray<ImmutableArray<string>> Ranked(Func<string, string> name) => isRanked ? [.. cells.Select(c => c.Select(name).ToImmutableArray())] : [];
    }

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static LabelTable From(string path, string[] header, List<string[]> rows)
    {
        string[] plain = [.. header.Select(ColumnNames.Plain)];
        string[][] labels = [.. _labels.Concat(ColumnNames.Labels).Distinct(StringComparer.Ordinal).Select(l => Column([l])).OfType<string[]>()];
        // In Image,Id the second column is the class.
        var isPair = labels.Length == 0 && header.Length == 2 && IsKey(plain[0]);
        var (ids, paths) = (Column(isPair ? [.. _ids.Where(n => n == plain[0])] : _ids), Column(_paths));
        paths ??= ids is null ? Column([.. ColumnNames.Images]) : null;
        labels = labels.Length > 0 || (ids ?? paths) is null ? labels : isPair ? [Field(1)] : FindLabels(header, rows, [.. plain.Select(p => !IsKey(p))]);
        if (ids is null && paths is null || labels.Length == 0)
        {
            throw new RefusalException(
                $"{path} has the columns {string.Join(", ", header.Take(8))}, expected id or image_path, and target, label or class_name.");
        }

        var numbers = labels.FirstOrDefault(l => l.All(IsNumber));
        return new LabelTable(
            path,
            [.. ids ?? []],
            [.. (paths ?? []).Select(p => p.Replace('\\', '/'))],
            [.. (numbers ?? []).Select(Number)],
            [.. labels.FirstOrDefault(l => !l.All(IsNumber)) ?? []]);

        string[]? Column(string[] names)
        {
            var at = names.Select(n => Array.IndexOf(plain, n)).FirstOrDefault(i => i >= 0, -1);
            if (at < 0)
            {
                return null;
            }

            return Field(at);
        }

        string[] Field(int at)
        {
            string[] values = [.. rows.Select(r => r[at])];
            return Array.IndexOf(values, "") is var empty && empty < 0
                ? values
                : throw new RefusalException($"{path} has no {header[at]} in row {empty + 1}, expected one in every row.");
        }

        static bool IsKey(string name) => _ids.Contains(name) || _paths.Contains(name) || ColumnNames.Images.Contains(name);
    }

    // A single other column is the class; several columns of probabilities are one for each class.
    private static string[][] FindLabels(string[] header, List<string[]> rows, bool[] isOther)
    {
        int[] columns = [.. Enumerable.Range(0, header.Length).Where(i => isOther[i] && !ColumnNames.IsIndex(header[i]))];
        if (columns.Length < 2)
        {
            return columns is [var only] && rows.TrueForAll(r => r[only].Length > 0) ? [[.. rows.Select(r => r[only])]] : [];
        }

        var labels = new string[rows.Count];
        for (var row = 0; row < labels.Length; row++)
        {
            var best = double.NegativeInfinity;
            foreach (var column in columns)
            {
                if (!double.TryParse(rows[row][column], NumberStyles.Float, CultureInfo.InvariantCulture, out var p) || p is not (>= 0 and <= 1))
                {
                    return [];
                }

                (best, labels[row]) = p > best ? (p, header[column]) : (best, labels[row]);
            }
        }

        return [labels];
    }
}
