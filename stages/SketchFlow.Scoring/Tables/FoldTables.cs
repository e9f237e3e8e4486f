using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>Combines the tables of a run's folds into one table.</summary>
public static class FoldTables
{
    /// <summary>Concatenates out-of-fold tables: each fold validates other rows, and together they are the validation table of the run.</summary>
    /// <param name="tables">One table per fold, all of one run, split and list of classes.</param>
    /// <param name="arena">Memory for the logits; by default ordinary memory.</param>
    /// <returns>Rows in ascending id, without a fold; the checkpoint is the set of the folds' checkpoints.</returns>
    /// <exception cref="RefusalException">Runs, folds, splits or classes disagree, or a row is in two folds.</exception>
    public static LogitsTable OutOfFold(IReadOnlyList<LogitsTable> tables, ScratchArena? arena = null)
    {
        CheckOneRun(tables);
        var all = tables[0] with
        {
            Source = string.Join(" + ", tables.Select(t => t.Source)),
            Metadata = MergeMetadata(tables),
            Ids = [.. tables.SelectMany(t => t.Ids)],
            ImagePaths = [.. tables.SelectMany(t => t.ImagePaths)],
            Targets = [.. tables.SelectMany(t => t.Targets)],
            Statuses = [.. tables.SelectMany(t => t.Statuses)],
            FileSha256 = null,
            Logits = Concatenate(tables, arena ?? ScratchArena.Memory),
        };
        // Joining one table sorts its rows and refuses repeated ids.
        return LogitsSet.Join([all], arena).Members[0];
    }

    /// <summary>Averages the folds' logits over the same rows, usually those of the test split.</summary>
    /// <param name="tables">One table per fold, all of one run, split and list of classes.</param>
    /// <param name="arena">Memory for the logits; by default ordinary memory.</param>
    /// <returns>Rows in ascending id; a row that any fold rejected keeps that reason.</returns>
    /// <exception cref="RefusalException">Runs, folds, splits, classes or rows disagree.</exception>
    public static LogitsTable Mean(IReadOnlyList<LogitsTable> tables, ScratchArena? arena = null)
    {
        CheckOneRun(tables);
        var set = LogitsSet.Join(tables, arena);
        var first = set.Members[0];
        var logits = (arena ?? ScratchArena.Memory).Allocate<float>(first.Logits.Length);
        var statuses = (string[])first.Statuses.Clone();
        for (var row = 0; row < statuses.Length; row++)
        {
            var mean = logits.Span.Slice(row * first.Classes, first.Classes);
            for (var c = 0; c < mean.Length; c++)
            {
                var sum = 0.0;
                foreach (var member in set.Members)
                {
                    sum += member.Row(row)[c];
                }

                mean[c] = (float)(sum / set.Members.Length);
            }
        }

        for (var row = 0; row < statuses.Length; row++)
        {
            statuses[row] = set.Members.Select(m => m.Statuses[row]).FirstOrDefault(s => !string.Equals(s, LogitsTable.Ok, StringComparison.Ordinal))
                ?? LogitsTable.Ok;
        }

        return first with
        {
            Source = string.Join(" + ", set.Members.Select(m => m.Source)),
            Metadata = MergeMetadata(set.Members),
            Targets = set.Targets,
            Statuses = statuses,
            Logits = logits,
            FileSha256 = null,
        };
    }

    /// <summary>
    /// Merges the metadata of folds: checkpoint and preprocessing are those of all folds, sorted and joined by <c>+</c>; what belongs to one fold is absent.
    /// </summary>
    private static LogitsMetadata MergeMetadata(IReadOnlyList<LogitsTable> tables)
    {
        string?[] checkpoints = [.. tables.Select(t => t.Metadata.CheckpointSha256).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        // Each fold may measure the mean and the deviation of its own training images.
        var preprocessing = tables.Select(t => t.Metadata.Preprocessing).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        string?[] engines = [.. tables.Select(t => t.Metadata.Engine).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string?[] dataSets = [.. tables.Select(t => t.Metadata.DatasetSha256).Distinct(StringComparer.Ordinal)];
        return tables[0].Metadata with
        {
            Fold = null,
            Preprocessing = string.Join(" + ", preprocessing),
            CheckpointSha256 = checkpoints.Contains(null) ? null : string.Join('+', checkpoints),
            DatasetSha256 = dataSets.Length == 1 ? dataSets[0] : null,
            RowsSha256 = null,
            Engine = engines is [var only] ? only : string.Join(" + ", engines.Select(e => e ?? "libtorch")),
            Temperature = null,
        };
    }

    private static Memory<float> Concatenate(IReadOnlyList<LogitsTable> tables, ScratchArena arena)
    {
        var all = arena.Allocate<float>(checked(tables.Sum(t => t.Logits.Length)));
        var at = 0;
        foreach (var table in tables)
        {
            table.Logits.CopyTo(all[at..]);
            at += table.Logits.Length;
        }

        return all;
    }

    private static void CheckOneRun(IReadOnlyList<LogitsTable> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        if (tables.Count == 0)
        {
            throw new RefusalException("There are 0 tables of folds, expected at least 1; make them with sketchflow predict.");
        }

        var first = tables[0];
        foreach (var other in tables.Skip(1))
        {
            var (a, b) = (first.Metadata, other.Metadata);
            var same = string.Equals(a.Run, b.Run, StringComparison.Ordinal) && string.Equals(a.Dataset, b.Dataset, StringComparison.Ordinal)
                && string.Equals(a.Split, b.Split, StringComparison.Ordinal);
            same &= string.Equals(a.Tta, b.Tta, StringComparison.Ordinal);
            if (!same || !a.ClassNames.AsSpan().SequenceEqual(b.ClassNames.AsSpan()))
            {
                throw new RefusalException(
                    $"{first.Source} ({first}) and {other.Source} ({other}) are not folds of one run, expected one run, split, list of classes "
                    + "and test-time augmentation; choose the tables of one run.");
            }
        }

        if (tables.GroupBy(t => t.Metadata.Fold).FirstOrDefault(g => g.Count() > 1) is { } repeated)
        {
            var fold = repeated.Key is { } k ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{k}") : "none";
            throw new RefusalException(
                $"{repeated.First().Source} and {repeated.Last().Source} are both fold {fold}, expected each fold once; leave one out.");
        }
    }
}
