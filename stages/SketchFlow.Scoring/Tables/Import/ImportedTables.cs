using System.Collections.Immutable;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Tables.Import;

/// <summary>
/// Logits that other tools wrote: timm's <c>inference.py</c> (Parquet), a CSV of probabilities or logits, NumPy's <c>.npy</c> with a file of ids.
/// Names and orders are checked against known rows and classes, never guessed.
/// </summary>
public static partial class ImportedTables
{
    /// <summary>Reads a table of another tool, by the ending of its name, and puts its rows and classes into the known order.</summary>
    /// <param name="path">A <c>.parquet</c>, <c>.csv</c> or <c>.npy</c>.</param>
    /// <param name="rows">The rows and classes it has to have, all of them and no others.</param>
    /// <param name="metadata">What our table shall say of itself; its class names are those of <paramref name="rows"/>.</param>
    /// <param name="options">What the file does not say.</param>
    /// <exception cref="RefusalException">The file is none of these, its rows or classes are not the known ones, or its numbers are not what they are said to be.</exception>
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
            throw new RefusalException($"{path} says itself which rows it has, expected a file of ids only beside a .npy; leave the ids out.");
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

    /// <summary>A foreign table as it was found.</summary>
    /// <param name="Keys">An id or a path of each row.</param>
    /// <param name="Classes">Class names in the order of the columns.</param>
    /// <param name="Values">Rows × classes.</param>
    /// <param name="Probabilities">Whether they are probabilities.</param>
    /// <param name="Targets">Class numbers or names that the file gives, or null.</param>
    private sealed record RawTable(string[] Keys, IReadOnlyList<string> Classes, double[] Values, bool Probabilities, string?[]? Targets = null);

    private static bool AreProbabilities(string path, ImportOptions options, bool? named) => options.Values switch
    {
        ImportedValues.Probabilities => named is not false
            ? true
            : throw new RefusalException($"{path} names its numbers logits and was said to hold probabilities; say logits, or leave it to the file."),
        ImportedValues.Logits => named is not true
            ? false
            : throw new RefusalException($"{path} names its numbers probabilities and was said to hold logits; say probabilities, or leave it to the file."),
        _ => named ?? throw new RefusalException($"{path} does not say whether it holds logits or probabilities, expected to be told; give --values logits or --values probabilities."),
    };

    private static LogitsTable Arrange(string path, RawTable raw, ImportedRows rows, LogitsMetadata metadata)
    {
        var columns = MatchColumns(path, raw.Classes, rows.ClassNames);
        var at = MatchRows(path, raw.Keys, rows);
        var classes = rows.ClassNames.Length;
        var logits = new float[checked(rows.Ids.Length * classes)];
        for (var i = 0; i < rows.Ids.Length; i++)
        {
            var from = raw.Values.AsSpan(at[i] * classes, classes);
            var to = logits.AsSpan(i * classes, classes);
            var sum = 0.0;
            for (var c = 0; c < classes; c++)
            {
                var x = from[columns[c]];
                if (raw.Probabilities)
                {
                    if (!(x is >= 0 and <= 1.001))
                    {
                        throw new RefusalException($"{path} has {x} for class {rows.ClassNames[c]} of {rows.ImagePaths[i]}, expected a probability from 0 to 1; if these are logits, say so.");
                    }

                    sum += x;
                    x = Math.Log(Math.Max(x, ClassificationMetrics.SmallestProbability));
                }

                to[c] = (float)x;
                if (!float.IsFinite(to[c]))
                {
                    throw new RefusalException($"{path} has {x} for class {rows.ClassNames[c]} of {rows.ImagePaths[i]}, expected a finite number; predict again without AMP.");
                }
            }

            // Half-precision probabilities of a thousand classes sum to 1 within this.
            if (raw.Probabilities && Math.Abs(sum - 1) > 0.02)
            {
                throw new RefusalException($"{path} has probabilities of {rows.ImagePaths[i]} that sum to {sum:0.####}, expected 1; if these are logits, say so.");
            }

            if (raw.Targets?[at[i]] is { Length: > 0 } said && rows.Targets[i] is { } known)
            {
                var same = string.Equals(said, rows.ClassNames[known], StringComparison.Ordinal) || (int.TryParse(said, out var number) && number == known);
                if (!same)
                {
                    throw new RefusalException($"{path} has the target {said} for {rows.ImagePaths[i]}, expected {known} ({rows.ClassNames[known]}); its rows are of other images, or its classes are numbered otherwise.");
                }
            }
        }

        return new LogitsTable(
            path, metadata with { ClassNames = rows.ClassNames }, rows.Ids, rows.ImagePaths, rows.Targets, [.. Enumerable.Repeat(LogitsTable.Ok, rows.Ids.Length)], logits);
    }

    /// <summary>Where in the file each known class stands.</summary>
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
            throw new RefusalException($"{path} has no class '{missing}' among its {found.Count}, expected the {expected.Length} classes of the data set by name.");
        }

        return found.Count == expected.Length
            ? [.. expected.Select(name => places[name])]
            : throw new RefusalException($"{path} has class '{found.First(f => !expected.Contains(f, StringComparer.Ordinal))}', expected the {expected.Length} classes of the data set and no others.");
    }

    /// <summary>Where in the file each known row stands: by id, by path, by the end of a longer path, or by the name of the file, whichever is the same for all and leaves no doubt.</summary>
    private static int[] MatchRows(string path, string[] keys, ImportedRows rows)
    {
        if (keys.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new RefusalException($"{path} has the row '{twice.Key}' {twice.Count()} times, expected once; where it is the name of a file in several folders, write full paths (timm: --fullname).");
        }

        if (keys.Length != rows.Ids.Length)
        {
            throw new RefusalException($"{path} holds {keys.Length} rows, expected the {rows.Ids.Length} of the split; predict over the whole split.");
        }

        var paths = rows.ImagePaths.Select(p => p.Replace('\\', '/')).ToArray();
        keys = [.. keys.Select(k => k.Replace('\\', '/'))];
        string[] ids = [.. rows.Ids.Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        string[] names = [.. paths.Select(Name)];
        string[] stems = [.. names.Select(n => Path.ChangeExtension(n, null))];
        if ((MatchAll(ids, keys) ?? MatchAll(paths, keys) ?? MatchAll(paths, KnownEndings(keys, paths)) ?? MatchAll(names, keys) ?? MatchAll(stems, keys)) is { } at)
        {
            return at;
        }

        var known = ((string[])[.. ids, .. paths, .. names, .. stems]).ToHashSet(StringComparer.Ordinal);
        throw new RefusalException(
            $"{path} has the row '{keys.FirstOrDefault(k => !known.Contains(k)) ?? keys[0]}', and its rows are neither the ids nor the image paths nor the file names of the split (such as {rows.Ids[0]} or {rows.ImagePaths[0]}), expected one of these for all rows; predict over the same split.");

        static string Name(string p) => p[(p.LastIndexOf('/') + 1)..];
    }

    /// <summary>Of each key the known path that it ends with, or the key.</summary>
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

    /// <summary>The class names that the user gave, as many as there are columns.</summary>
    private static IReadOnlyList<string> GivenClassNames(string path, ImportOptions options, int columns) => options.ClassNames is not { } names
        ? throw new RefusalException($"{path} does not name its {columns} classes, expected their order to be told; give --classes FILE with one class name a line, in the order of its columns.")
        : names.Count == columns
            ? names
            : throw new RefusalException($"{path} has {columns} columns and {names.Count} class names were given for them, expected one a column.");

    [GeneratedRegex("^(?<name>.*)_(?<number>[0-9]+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberedColumn();
}
