using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Competitions;

/// <summary>Columns of a table that name the image and the class of a row.</summary>
/// <param name="Image">Column of the image.</param>
/// <param name="Label">Column of the class; null where <see cref="OneHot"/> has one column for each class.</param>
/// <param name="Number">Column of the number of the class, where <see cref="Label"/> is its name; else null.</param>
/// <param name="OneHot">Columns of the classes, of which each row has a single 1; else empty.</param>
internal sealed record ColumnChoice(int Image, int? Label, int? Number, ImmutableArray<int> OneHot)
{
    private const int MostNames = 8;

    /// <summary>Chooses the columns of a table of labelled images.</summary>
    /// <param name="table">The table.</param>
    /// <param name="images">Finds images.</param>
    /// <param name="imageColumn">Column of the image by <c>data.image_column</c>; null finds it.</param>
    /// <param name="labelColumn">Column of the class by <c>data.label_column</c>; null finds it.</param>
    /// <exception cref="RefusalException">There is no such column, or there are several.</exception>
    public static ColumnChoice FindTrain(CompetitionTable table, ImageFinder images, string? imageColumn, string? labelColumn)
    {
        var label = Given(table, labelColumn, "data.label_column");
        var image = FindImage(table, images, imageColumn, label);
        if (label is not null)
        {
            return image != label ? new ColumnChoice(image, label, null, []) : throw new RefusalException(
                $"{table.File}: the column {table.Header[image]} cannot be both image and class; correct data.image_column or data.label_column.");
        }

        int[] others = [.. Enumerable.Range(0, table.Header.Length).Where(i => i != image && !ColumnNames.IsIndex(table.Header[i]))];
        int[] named = [.. others.Where(i => ColumnNames.Labels.Contains(ColumnNames.Plain(table.Header[i])))];
        return named.Length > 0 ? ChooseNamed(table, image, named) : ChooseOther(table, image, others);
    }

    /// <summary>Finds the column of the image in a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="images">Finds images.</param>
    /// <param name="given">Column by <c>data.image_column</c>; null finds it.</param>
    /// <param name="label">Column of the class, which is not that of the image; null if unknown.</param>
    /// <exception cref="RefusalException">There is no such column, or there are several.</exception>
    public static int FindImage(CompetitionTable table, ImageFinder images, string? given, int? label = null)
    {
        if (Given(table, given, "data.image_column") is { } chosen)
        {
            return chosen;
        }

        int[] columns = [.. Enumerable.Range(0, table.Header.Length).Where(i => i != label && !ColumnNames.IsIndex(table.Header[i]))];
        int[] named = [.. columns.Select(i => (Column: i, Rank: ColumnNames.Images.IndexOf(ColumnNames.Plain(table.Header[i])))).Where(c => c.Rank >= 0)
            .OrderBy(c => c.Rank).ThenBy(c => c.Column).Select(c => c.Column)];
        if (named is [var only] || table.Rows.Count == 0 && named.Length > 0)
        {
            return named[0];
        }

        var found = (named.Length > 0 ? named : columns).Select(c => (Column: c, Probe: images.Probe(table.Values(c))))
            .Where(c => c.Probe.Files.Count > 0 && (named.Length > 0 || 2 * c.Probe.Files.Count >= c.Probe.Tried)).ToList();
        if (found.Count == 0)
        {
            return named.Length > 0 ? named[0] : throw new RefusalException(
                $"{table.File} has no column of images: found {Names(table, columns)}, expected one such as id, image or filename, or one whose values are "
                + $"names of images in {images.FolderNames}; name it so, or choose it with --set data.image_column=NAME.");
        }

        // Two columns may name the same images: one with and one without extension.
        return found.Find(f => !f.Probe.Files.SequenceEqual(found[0].Probe.Files)) is { Probe.Files: not null } other
                && other.Probe.Files.Count == found[0].Probe.Files.Count
            ? throw new RefusalException(
                $"{table.File}: the columns {table.Header[found[0].Column]} and {table.Header[other.Column]} name different images; "
                + $"choose one with --set data.image_column={table.Header[found[0].Column]}.")
            : found.MaxBy(f => f.Probe.Files.Count).Column;
    }

    private static ColumnChoice ChooseNamed(CompetitionTable table, int image, int[] named)
    {
        if (named.Length == 1)
        {
            return new ColumnChoice(image, named[0], null, []);
        }

        var columns = named.Select(i => (Column: i, Values: table.Values(i))).ToList();
        var first = columns[0];
        var others = columns.Skip(1).Where(c => !c.Values.SequenceEqual(first.Values, StringComparer.Ordinal)).ToList();
        if (others.Count == 0)
        {
            return new ColumnChoice(image, first.Column, null, []);
        }

        var (numbers, names) = AreNumbers(table, first.Values) ? (first, others[0]) : (others[0], first);
        return others.Count == 1 && AreNumbers(table, numbers.Values) && !AreNumbers(table, names.Values) && Correspond(numbers.Values, names.Values)
            ? new ColumnChoice(image, names.Column, numbers.Column, [])
            : throw Ambiguous(table, [first.Column, .. others.Select(c => c.Column)]);
    }

    private static ColumnChoice ChooseOther(CompetitionTable table, int image, int[] others)
    {
        // Next to a column of paths, an id of its own for every row is no class.
        int[] possible = [.. others.Where(i => !ColumnNames.Images.Contains(ColumnNames.Plain(table.Header[i])) || IsRepeated(table.Values(i)))];
        return possible switch
        {
            [] => throw new RefusalException(
                $"{table.File} has no column of classes: found {Names(table, [image, .. others])}, expected one such as label, class or target; "
                + "name it so, or choose it with --set data.label_column=NAME."),
            [var only] => new ColumnChoice(image, only, null, []),
            _ when possible.All(i => table.Rows.TrueForAll(r => r.Field(i) is "0" or "1" or "0.0" or "1.0")) => OneHotOf(table, image, possible),
            _ => throw Ambiguous(table, possible),
        };
    }

    private static ColumnChoice OneHotOf(CompetitionTable table, int image, int[] columns)
    {
        int Ones(CompetitionRow row) => columns.Count(c => row.Field(c)[0] == '1');
        var wrong = table.Rows.FindIndex(r => Ones(r) != 1);
        return wrong < 0 ? new ColumnChoice(image, null, null, [.. columns]) : throw new RefusalException(
            $"{table.File} has one column for each class ({Names(table, columns)}) and row {wrong + 1} has {Ones(table.Rows[wrong])} of them"
            + ", expected exactly one: images with several labels are not supported; choose one column with --set data.label_column="
            + $"{table.Header[columns[0]]}.");
    }

    private static RefusalException Ambiguous(CompetitionTable table, int[] columns) => new(
        $"{table.File}: each of the columns {Names(table, columns)} may be the class; choose one with --set data.label_column={table.Header[columns[0]]}.");

    private static int? Given(CompetitionTable table, string? name, string option)
    {
        if (name is null)
        {
            return null;
        }

        int[] places = [.. Places((a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase))];
        places = places.Length > 0 ? places : [.. Places((a, b) => ColumnNames.Plain(a) == ColumnNames.Plain(b))];
        return places.Length == 1 ? places[0] : throw new RefusalException(
            $"{table.File} has {(places.Length == 0 ? "no column" : "several columns")} {name}, which {option} names: found "
            + $"{Names(table, [.. Enumerable.Range(0, table.Header.Length)])}; correct {option}.");

        IEnumerable<int> Places(Func<string, string, bool> equal) => Enumerable.Range(0, table.Header.Length).Where(i => equal(table.Header[i], name));
    }

    private static bool AreNumbers(CompetitionTable table, List<string> values) => values.TrueForAll(v => WholeNumbers.Digits(v, table.Separator) is not null);

    private static bool IsRepeated(List<string> values) => values.Distinct(StringComparer.Ordinal).Count() < values.Count;

    private static bool Correspond(List<string> first, List<string> second)
    {
        var (forth, back) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        return first.Zip(second).All(p => (forth.TryAdd(p.First, p.Second) || forth[p.First] == p.Second)
            && (back.TryAdd(p.Second, p.First) || back[p.Second] == p.First));
    }

    private static string Names(CompetitionTable table, int[] columns) =>
        string.Join(", ", columns.Take(MostNames).Select(i => table.Header[i])) + (columns.Length > MostNames ? $", … ({columns.Length} in all)" : "");
}
