using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables.Import;

/// <summary>
/// Reads logits that other tools wrote: timm's <c>inference.py</c> (Parquet), a CSV of probabilities or logits, NumPy's <c>.npy</c> with a file of ids.
/// Names and orders are compared with the known rows and classes, never guessed.
/// </summary>
public static partial class ImportedTables
{
    /// <summary>Reads a table of another tool, by its file extension, and arranges its rows and classes in the known order.</summary>
    /// <param name="path">A <c>.parquet</c>, <c>.csv</c> or <c>.npy</c>.</param>
    /// <param name="rows">The rows and classes that it must have, all of them and no others.</param>
    /// <param name="metadata">Metadata of the resulting table; its class names are replaced by those of <paramref name="rows"/>.</param>
    /// <param name="options">Properties that the file does not state.</param>
    /// <exception cref="RefusalException">
    /// The file has another format, its rows or classes are not the known ones, or its numbers are not of the stated kind.
    /// </exception>
    public static LogitsTable Read(string path, ImportedRows rows, LogitsMetadata metadata, ImportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(metadata);
        options ??= new ImportOptions();
        if (!File.Exists(path))
        {
            throw new RefusalException($"{path} does not exist, expected a table of another tool (.parquet, .csv or .npy).");
        }

        var ending = Path.GetExtension(path).ToLowerInvariant();
        if (options.IdFile is not null && ending is not ".npy")
        {
            throw new RefusalException($"{path} names its rows itself, expected a file of ids only with a .npy; omit the ids.");
        }

        var raw = ending switch
        {
            ".parquet" => ReadTimm(path, options),
            ".csv" => ReadCsv(path, options),
            ".npy" => ReadNpy(path, options),
            _ => throw new RefusalException($"{path} ends with '{ending}', expected .parquet (timm's inference.py), .csv or .npy."),
        };
        return Arrange(path, raw, rows, metadata);
    }

    /// <summary>Contents of an imported file, in the file's order.</summary>
    /// <param name="Keys">Id or path of each row.</param>
    /// <param name="KeyColumn">Name of their column.</param>
    /// <param name="Classes">Class names in the order of the columns.</param>
    /// <param name="Values">Rows × classes.</param>
    /// <param name="Probabilities">Whether they are probabilities.</param>
    /// <param name="Targets">Class numbers or names in the file, or null.</param>
    private sealed record RawTable(
        string[] Keys, string KeyColumn, IReadOnlyList<string> Classes, double[] Values, bool Probabilities, string?[]? Targets = null);

    private static bool AreProbabilities(string path, ImportOptions options, bool? named) => options.Values switch
    {
        ImportedValues.Probabilities => named is not false
            ? true
            : throw new RefusalException($"{path} names its numbers logits, expected probabilities as stated; give --values logits or omit it."),
        ImportedValues.Logits => named is not true
            ? false
            : throw new RefusalException($"{path} names its numbers probabilities, expected logits as stated; give --values probabilities or omit it."),
        _ => named ?? throw new RefusalException(
            $"{path} does not say whether it holds logits or probabilities; give --values logits or --values probabilities."),
    };

    private static LogitsTable Arrange(string path, RawTable raw, ImportedRows rows, LogitsMetadata metadata)
    {
        var columns = MatchColumns(path, raw.Classes, rows.ClassNames);
        var at = MatchRows(path, raw, rows);
        var classes = rows.ClassNames.Length;
        var logits = new float[checked(rows.Ids.Length * classes)];
        for (var i = 0; i < rows.Ids.Length; i++)
        {
            ConvertRow(path, raw.Values.AsSpan(at[i] * classes, classes), columns, raw.Probabilities, rows, i, logits.AsSpan(i * classes, classes));
            CheckTarget(path, raw.Targets?[at[i]], rows, i);
        }

        string[] statuses = [.. Enumerable.Repeat(LogitsTable.Ok, rows.Ids.Length)];
        metadata = metadata with { ClassNames = rows.ClassNames, SubmissionIds = rows.SubmissionIds, Format = rows.Format };
        return new LogitsTable(path, metadata, rows.Ids, rows.ImagePaths, rows.Targets, statuses, logits);
    }

    /// <summary>Arranges the numbers of one row in the known order of classes, as logits.</summary>
    // Seven arguments: the row of the file, the row of the result and the two orders that connect them.
    private static void ConvertRow(string path, ReadOnlySpan<double> from, int[] columns, bool probabilities, ImportedRows rows, int row, Span<float> to)
    {
        var sum = 0.0;
        for (var c = 0; c < to.Length; c++)
        {
            var x = from[columns[c]];
            if (probabilities)
            {
                if (!(x is >= 0 and <= 1.001))
                {
                    throw new RefusalException(
                        $"{path} has {x} for class {rows.ClassNames[c]} of {rows.ImagePaths[row]}, expected a probability from 0 to 1; "
                        + "if these are logits, give --values logits.");
                }

                sum += x;
                x = Math.Log(Math.Max(x, Softmax.SmallestProbability));
            }

            to[c] = (float)x;
            if (!float.IsFinite(to[c]))
            {
                throw new RefusalException(
                    $"{path} has {x} for class {rows.ClassNames[c]} of {rows.ImagePaths[row]}, expected a finite number; predict again without AMP.");
            }
        }

        // Half-precision probabilities of a thousand classes sum to 1 within this.
        if (probabilities && Math.Abs(sum - 1) > 0.02)
        {
            throw new RefusalException(
                $"{path} has probabilities of {rows.ImagePaths[row]} that sum to {sum:0.####}, expected 1; if these are logits, give --values logits.");
        }
    }

    private static void CheckTarget(string path, string? stated, ImportedRows rows, int row)
    {
        if (stated is { Length: > 0 } && rows.Targets[row] is { } known
            && !string.Equals(stated, rows.ClassNames[known], StringComparison.Ordinal) && !(int.TryParse(stated, out var number) && number == known))
        {
            throw new RefusalException(
                $"{path} has the target {stated} for {rows.ImagePaths[row]}, expected {known} ({rows.ClassNames[known]}); "
                + "its rows are of other images, or its classes have other numbers.");
        }
    }

    /// <summary>Finds the column of each known class.</summary>
    private static int[] MatchColumns(string path, IReadOnlyList<string> found, ImmutableArray<string> expected)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < found.Count; i++)
        {
            if (!places.TryAdd(found[i], i))
            {
                throw new RefusalException($"{path} has class '{found[i]}' twice, expected once.");
            }
        }

        if (expected.FirstOrDefault(name => !places.ContainsKey(name)) is { } missing)
        {
            throw new RefusalException(
                $"{path} has no class '{missing}' among its {found.Count}, expected the {expected.Length} classes of the data set by name.");
        }

        return found.Count == expected.Length
            ? [.. expected.Select(name => places[name])]
            : throw new RefusalException(
                $"{path} has class '{found.First(f => !expected.Contains(f, StringComparer.Ordinal))}', "
                + $"expected the {expected.Length} classes of the data set and no others.");
    }

    /// <summary>Finds the position in the file of each known row.</summary>
    /// <remarks>
    /// Rows are matched by row number or the id of <c>test.csv</c> if the column is called an id, and by path, the end of a longer path, file name or file
    /// name without its extension. All readings that match every row once must agree.
    /// </remarks>
    private static int[] MatchRows(string path, RawTable raw, ImportedRows rows)
    {
        CheckKeys(path, raw.Keys, rows);
        var paths = rows.ImagePaths.Select(p => p.Replace('\\', '/')).ToArray();
        string[] keys = [.. raw.Keys.Select(k => k.Replace('\\', '/'))];
        string[] ids = [.. rows.Ids.Select(i => i.ToString(CultureInfo.InvariantCulture))];
        string[] own = rows.SubmissionIds.Length != rows.Ids.Length ? [] : [.. rows.Ids.Select(i => rows.SubmissionIds[(int)i])];
        string[] names = [.. paths.Select(p => p[(p.LastIndexOf('/') + 1)..])];
        string[] stems = [.. names.Select(n => Path.ChangeExtension(n, null))];
        var isId = !_pathColumns.Contains(raw.KeyColumn, StringComparer.OrdinalIgnoreCase);
        (string Title, int[]? At)[] readings =
        [
            ("row number", isId ? MatchAll(ids, keys) : null),
            ("the ids of test.csv", isId && own.Length > 0 ? MatchAll(own, keys) : null),
            ("image path", MatchAll(paths, keys) ?? MatchAll(paths, KnownEndings(keys, paths))),
            ("file name", MatchAll(names, keys) ?? MatchAll(stems, keys)),
        ];
        var found = readings.Where(r => r.At is not null).ToList();
        if (found.Count == 0)
        {
            var known = ((string[])[.. isId ? ids : [], .. own, .. paths, .. names, .. stems]).ToHashSet(StringComparer.Ordinal);
            throw new RefusalException(
                $"{path} has the row '{keys.FirstOrDefault(k => !known.Contains(k)) ?? keys[0]}', and its rows are neither the ids nor the image paths nor "
                + $"the file names of the split (such as {rows.Ids[0]} or {rows.ImagePaths[0]}), expected one of these for all rows; "
                + "predict the same split.");
        }

        var (title, at) = found[0];
        foreach (var (other, places) in found.Skip(1))
        {
            if (Enumerable.Range(0, at!.Length).FirstOrDefault(i => at[i] != places![i], -1) is var row and >= 0)
            {
                throw new RefusalException(
                    $"{path} can be read in two ways that differ: by {title}, {rows.ImagePaths[row]} is the row '{keys[at[row]]}', and by {other} the row "
                    + $"'{keys[places![row]]}'; write a column image_path with the paths of the split in place of {raw.KeyColumn}.");
            }
        }

        return at!;
    }

    private static void CheckKeys(string path, string[] keys, ImportedRows rows)
    {
        if (keys.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } repeated)
        {
            throw new RefusalException(
                $"{path} has the row '{repeated.Key}' {repeated.Count()} times, expected once; "
                + "if it is the name of a file in several folders, write full paths (timm: --fullname).");
        }

        if (keys.Length != rows.Ids.Length)
        {
            throw new RefusalException($"{path} holds {keys.Length} rows, expected the {rows.Ids.Length} of the split; predict the whole split.");
        }
    }

    /// <summary>Replaces each key by the known path that it ends with, if any.</summary>
    private static string[] KnownEndings(string[] keys, string[] paths)
    {
        var known = paths.ToHashSet(StringComparer.Ordinal);
        return [.. keys.Select(key =>
        {
            for (var at = key.IndexOf('/', StringComparison.Ordinal); at >= 0; at = key.IndexOf('/', at + 1))
            {
                if (known.Contains(key[(at + 1)..]))
                {
                    return key[(at + 1)..];
                }
            }

            return key;
        })];
    }

    /// <summary>Returns the position of each name among the keys; null unless every name and every key is matched once.</summary>
    private static int[]? MatchAll(string[] names, string[] keys)
    {
        var places = new Dictionary<string, int>(keys.Length, StringComparer.Ordinal);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!places.TryAdd(keys[i], i))
            {
                return null;
            }
        }

        var at = new int[names.Length];
        var used = new HashSet<int>();
        for (var i = 0; i < names.Length; i++)
        {
            if (!places.TryGetValue(names[i], out at[i]) || !used.Add(at[i]))
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>Returns the class names that the user gave, one per column.</summary>
    private static IReadOnlyList<string> GivenClassNames(string path, ImportOptions options, int columns)
    {
        if (options.ClassNames is not { } names)
        {
            throw new RefusalException(
                $"{path} does not name its {columns} classes; give --classes FILE with one class name per line, in the order of its columns.");
        }

        return names.Count == columns
            ? names
            : throw new RefusalException($"{path} has {columns} columns and {names.Count} class names were given for them, expected one per column.");
    }

    [GeneratedRegex("^(?<name>.*)_(?<number>[0-9]+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberedColumn();
}
