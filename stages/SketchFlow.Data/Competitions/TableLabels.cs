using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Competitions;

/// <summary>Classes of the rows of a table that names them in any usual way: by words, by whole numbers, by both, or by one column for each class.</summary>
/// <param name="Classes">Names of the classes: numbers in their order, words in alphabetical order, columns in theirs.</param>
/// <param name="Numbers">Number of each class as the table writes it; empty for classes without numbers.</param>
/// <param name="Rows">Class of each row, or the reason why it has none.</param>
internal sealed record TableLabels(
    ImmutableArray<string> Classes, ImmutableArray<string> Numbers, ImmutableArray<(int? Target, string? Fault)> Rows)
{
    /// <summary>Reads the classes.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns of image and class.</param>
    /// <param name="maxClasses">Largest number of classes.</param>
    /// <exception cref="RefusalException">The column has measurements rather than classes, or too many of them.</exception>
    public static TableLabels Read(CompetitionTable table, ColumnChoice columns, int maxClasses)
    {
        if (columns.Label is not { } label)
        {
            return new(
                [.. columns.OneHot.Select(c => table.Header[c])], [],
                [.. table.Rows.Select(r => ((int?)columns.OneHot.IndexOf(columns.OneHot.First(c => r.Field(c)[0] == '1')), (string?)null))]);
        }

        var values = table.Values(label);
        string?[] digits = [.. values.Select(v => v.Length == 0 ? null : WholeNumbers.Digits(v, table.Separator))];
        var areNumbers = values.Zip(digits).All(v => v.First.Length == 0 || v.Second is not null);
        var keys = areNumbers ? digits : [.. values.Select(v => v.Length == 0 ? null : ComposedNames.Compose(v))];
        string[] classes = [.. keys.OfType<string>().Distinct(StringComparer.Ordinal)];
        CheckClasses(table, label, values, classes, areNumbers, maxClasses);
        var numberOf = columns.Number is { } number ? NumbersOf(table, number, keys) : null;
        classes = areNumbers ? [.. classes.OrderBy(Number)]
            : numberOf is not null ? [.. classes.OrderBy(c => Number(numberOf[c]))]
            : [.. classes.Order(StringComparer.Ordinal)];
        var targets = classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return new(
            [.. classes], areNumbers ? [.. classes] : numberOf is null ? [] : [.. classes.Select(c => numberOf[c])],
            [.. keys.Select(k => k is null ? ((int?)null, $"no class in the column {table.Header[label]}") : (targets[k], default(string?)))]);

        static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, string> NumbersOf(CompetitionTable table, int column, string?[] keys)
    {
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, text) in keys.Zip(table.Values(column)))
        {
            numbers.TryAdd(key ?? "", WholeNumbers.Digits(text, table.Separator) ?? "0");
        }

        return numbers;
    }

    private static void CheckClasses(CompetitionTable table, int label, List<string> values, string[] classes, bool areNumbers, int maxClasses)
    {
        var name = table.Header[label];
        if (classes.Length == 0)
        {
            throw new RefusalException($"{table.File} has {values.Count} rows and none with a class in the column {name}; correct the table.");
        }

        if (classes.Length >= maxClasses)
        {
            throw new RefusalException(
                $"{table.File} has {classes.Length} classes in the column {name}, expected fewer than {maxClasses}; choose another column with "
                + "--set data.label_column=NAME.");
        }

        if (!areNumbers && values.TrueForAll(v => v.Length == 0 || WholeNumbers.TryParse(v, table.Separator, out _)))
        {
            var measured = values.First(v => v.Length > 0 && WholeNumbers.Digits(v, table.Separator) is null);
            if (decimal.TryParse(measured.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number % 1 != 0)
            {
                throw new RefusalException(
                    $"{table.File} has numbers such as {measured} in the column {name}, expected names or whole numbers of classes; "
                    + "choose the column of the class with --set data.label_column=NAME.");
            }
        }
    }
}
