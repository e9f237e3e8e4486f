using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Competitions;

/// <summary>Reads what a sample submission shows: the columns, the rows and the kind of labels.</summary>
/// <param name="file">The sample submission.</param>
/// <param name="encoding">Name of its encoding if it is not UTF-8.</param>
/// <param name="data">The classes and test images of the data set.</param>
internal sealed class SampleSubmission(string file, string? encoding, SubmissionRows data)
{
    private const int MostNames = 5;

    // Columns such as class_3 are those of class 3.
    private static readonly string[] _columnPrefixes = ["class", "label", "target", "prob", "proba", "p"];

    private readonly Dictionary<string, int> _classes = FirstPlaces(data.Classes);
    private readonly Dictionary<string, int> _underscored = FirstPlaces(data.Classes.Select(WithUnderscores));
    private readonly Dictionary<string, int> _numbers = FirstPlaces(data.Numbers);

    /// <summary>Returns the place of the column that names the image of each row.</summary>
    public static int KeyColumn(IReadOnlyList<string> header) =>
        ColumnNames.Find(header, ColumnNames.Ids.Concat(ColumnNames.Images)) is { } named && !IsSecond(header, named) ? named : 0;

    private static bool IsSecond(IReadOnlyList<string> header, int column) =>
        header.Count == 2 && column == 1 && !ColumnNames.Labels.Contains(ColumnNames.Plain(header[0]));

    /// <summary>Reads the format.</summary>
    /// <exception cref="RefusalException">The sample does not fit the classes and test images of the data set.</exception>
    public SubmissionFormat Read()
    {
        // A table of probabilities has as many columns as classes, of which none needs to be kept.
        var table = CompetitionTable.ReadAny(file, encoding, name => ClassOfColumn(name) is null);
        if (table.Rows.Count == 0)
        {
            throw new RefusalException($"{file} has a header and no row, expected one row for each test image.");
        }

        if (table.Columns.Distinct(StringComparer.Ordinal).Count() < table.Columns.Length)
        {
            throw new RefusalException($"{file} names a column twice, expected each once.");
        }

        var key = KeyColumn(table.Header);
        CheckKeys(table, key);
        var rows = FindRows(table, ref key);
        int[] others = [.. Enumerable.Range(0, table.Header.Length).Where(i => i != key)];
        int[] rest = [.. others.Where(i => !IsKey(table, i))];
        // In Image,Id the second column is the class.
        rest = rest.Length == 0 && table.Header.Length == table.Columns.Length ? [.. others.TakeLast(1)] : rest;
        return table.Header.Length < table.Columns.Length ? ReadProbabilities(table, rows, rest) : ReadLabels(table, rows, rest);
    }

    private static bool IsKey(CompetitionTable table, int column) =>
        ColumnNames.Plain(table.Header[column]) is var name && (ColumnNames.Ids.Contains(name) || ColumnNames.Images.Contains(name));

    private void CheckKeys(CompetitionTable table, int key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (table.Rows.FindIndex(r => !seen.Add(r.Field(key))) is >= 0 and var twice)
        {
            throw new RefusalException(
                $"{file} has the value {table.Rows[twice].Field(key)} twice in the column {table.Header[key]} (row {twice + 1}), "
                + "expected an id of its own in each row.");
        }
    }

    // Paths tell the image, and ids may be row numbers that other images have for names.
    private ImmutableArray<int> FindRows(CompetitionTable table, ref int key)
    {
        var first = key;
        int[] columns = [.. Enumerable.Range(0, table.Header.Length).Where(i => i != first && IsKey(table, i)), key];
        int[] ordered = [.. columns.OrderBy(i => ColumnNames.Ids.Contains(ColumnNames.Plain(table.Header[i])) || i == first)];
        (ImmutableArray<int> Rows, int Column)[] found = [.. ordered.Select(i => (data.Match(table.Values(i)), i))];
        (var best, key) = found.MaxBy(f => f.Rows.Count(r => r >= 0));
        return best.Any(r => r >= 0) ? best : throw new RefusalException(
            $"{file} names none of the {data.Test.Count} test images in its column {table.Header[key]}: it has {table.Rows[0].Field(key)}, and the first "
            + $"test image is {data.Test[0].Id ?? data.Test[0].Path}.");
    }

    private SubmissionFormat ReadProbabilities(CompetitionTable table, ImmutableArray<int> rows, int[] unknown)
    {
        var kept = table.Header.ToHashSet(StringComparer.Ordinal);
        ImmutableArray<int> predicted = [.. Enumerable.Range(0, table.Columns.Length).Where(i => !kept.Contains(table.Columns[i]))];
        ImmutableArray<int> classes = [.. predicted.Select(i => ClassOfColumn(table.Columns[i])!.Value)];
        string[] missing = [.. data.Classes.Where((_, c) => !classes.Contains(c))];
        string[] strange = [.. unknown.Select(i => table.Header[i])];
        // The probability of one of two classes tells that of the other.
        if (strange.Length > 0 || (missing.Length > 0 && !(data.Classes.Length == 2 && classes.Length == 1)))
        {
            throw new RefusalException(
                $"{file} has columns of probabilities that are not those of the {data.Classes.Length} classes:"
                + (strange.Length > 0 ? $" no class is called {Some(strange)};" : "")
                + $"{(missing.Length > 0 ? $" there is no column for {Some(missing)};" : "")} "
                + "expected one column for each class.");
        }

        if (classes.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new RefusalException($"{file} has two columns for the class {data.Classes[twice.Key]}, expected one.");
        }

        return Create(table, rows, SubmissionKind.Probabilities, predicted, data.Classes) with { ColumnClasses = classes };
    }

    private SubmissionFormat ReadLabels(CompetitionTable table, ImmutableArray<int> rows, int[] rest)
    {
        int[] named = rest.Length > 1 ? [.. rest.Where(i => ColumnNames.Labels.Contains(ColumnNames.Plain(table.Header[i])))] : rest;
        if (named.Length != 1)
        {
            throw new RefusalException(
                $"{file} has "
                + $"{(rest.Length == 0 ? "no column to predict" : $"the columns {Some([.. rest.Select(i => table.Header[i])])}, of which none is a class")}; "
                + $"the classes are {Some([.. data.Classes])}. Expected one column for the class, or one for each class.");
        }

        var (label, cells) = (named[0], table.Values(named[0]).Where(c => c.Length > 0).ToList());
        if (FindPositive(cells) is { } positive)
        {
            return Create(table, rows, SubmissionKind.Probabilities, [label], data.Classes) with { ColumnClasses = [positive] };
        }

        var labels = Labels(table, cells);
        var count = Math.Min(data.Classes.Length, cells.Select(CountLabels).DefaultIfEmpty(1).Max());
        if (count > 1 || (!AreNumbers(labels) && cells.Exists(c => !_classes.ContainsKey(Compose(c)) && _underscored.ContainsKey(Compose(c)))))
        {
            labels = [.. labels.Select(WithUnderscores)];
        }

        var kind = count > 1 ? SubmissionKind.TopLabels : SubmissionKind.Label;
        return labels.Distinct(StringComparer.Ordinal).Count() == labels.Length
            ? Create(table, rows, kind, [label], labels) with { Count = count }
            : throw new RefusalException($"{file} would write two classes as one text, such as {labels.GroupBy(l => l).First(g => g.Count() > 1).Key}.");
    }

    private SubmissionFormat Create(
        CompetitionTable table, ImmutableArray<int> rows, SubmissionKind kind, ImmutableArray<int> predicted, ImmutableArray<string> labels)
    {
        var others = Enumerable.Range(0, table.Columns.Length).Where(i => !predicted.Contains(i)).Select(i => Array.IndexOf(table.Header, table.Columns[i]));
        return new SubmissionFormat
        {
            Source = table.Name,
            Header = [.. table.Columns],
            Separator = table.Separator[0],
            Kind = kind,
            Predicted = predicted,
            Classes = data.Classes,
            Labels = labels,
            Fields = [.. others.Select(i => table.Values(i).ToImmutableArray())],
            Rows = rows,
            Commonest = data.Commonest,
        };
    }

    /// <summary>Finds the class whose probability a column holds: of two classes with numbers, the one with the larger number.</summary>
    private int? FindPositive(List<string> cells)
    {
        static bool IsShare(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var p) && p is > 0 and < 1;
        if (data.Classes.Length != 2 || !cells.Exists(IsShare))
        {
            return null;
        }

        return data.Numbers.Length == 2 ? 1 : throw new RefusalException(
            $"{file} has probabilities in one column, and its name does not tell of which of the classes {string.Join(" and ", data.Classes)}; "
            + "name the column after the class.");
    }

    /// <summary>Chooses names or numbers for the cells: those of the training table, and where it has both, those of the sample.</summary>
    private ImmutableArray<string> Labels(CompetitionTable table, List<string> cells)
    {
        var tokens = cells.SelectMany(c => c.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var areNumbers = tokens.All(t => WholeNumbers.Digits(t, table.Separator) is not null);
        return data switch
        {
            { HasNames: false } => data.Numbers,
            { Numbers.Length: > 0 } => areNumbers ? data.Numbers : data.Classes,
            _ => data.Classes,
        };
    }

    private int CountLabels(string cell)
    {
        if (ClassOf(cell) is not null)
        {
            return 1;
        }

        var tokens = cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return tokens.Length > 1 && tokens.All(t => ClassOf(t) is not null) ? tokens.Length : 1;
    }

    private int? ClassOf(string text) => Compose(text) is var key && _classes.TryGetValue(key, out var named) ? named
        : _underscored.TryGetValue(key, out var underscored) ? underscored
        : _numbers.TryGetValue(text, out var numbered) ? numbered
        : null;

    private int? ClassOfColumn(string name)
    {
        if (ClassOf(name) is { } found)
        {
            return found;
        }

        var plain = ColumnNames.Plain(name);
        return _columnPrefixes.Where(p => plain.StartsWith(p, StringComparison.Ordinal) && _numbers.ContainsKey(plain[p.Length..]))
            .Select(p => (int?)_numbers[plain[p.Length..]]).FirstOrDefault();
    }

    private bool AreNumbers(ImmutableArray<string> labels) => data.Numbers.Length > 0 && labels == data.Numbers;

    private static string Compose(string text) => ComposedNames.Compose(text);

    private static string WithUnderscores(string name) => name.Replace(' ', '_');

    private static Dictionary<string, int> FirstPlaces(IEnumerable<string> texts)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (place, text) in texts.Index())
        {
            places.TryAdd(Compose(text), place);
        }

        return places;
    }

    private static string Some(string[] names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Length > MostNames ? $", … ({names.Length} in all)" : "");
}
