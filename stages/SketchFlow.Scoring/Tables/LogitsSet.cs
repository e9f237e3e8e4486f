using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>Logits of several models for the same rows and classes.</summary>
/// <remarks>
/// Rows are sorted by id and members by (run and fold, file), ordinally, so that results do not depend on the order of the files or of their rows.
/// </remarks>
/// <param name="Members">The tables, each with its rows in ascending id and the ids, paths and targets of the set.</param>
/// <param name="Ids">Ascending row numbers.</param>
/// <param name="ImagePaths">The <c>image_path</c> of each row.</param>
/// <param name="Targets">Class number of each row, or null if no table has it.</param>
public sealed record LogitsSet(ImmutableArray<LogitsTable> Members, long[] Ids, string[] ImagePaths, int?[] Targets)
{
    /// <summary>Memory for derived logits.</summary>
    public ScratchArena Arena { get; init; } = ScratchArena.Memory;

    /// <summary>Names of the members whose classes had another order and were reordered to that of the first member.</summary>
    public ImmutableArray<string> Reordered { get; init; } = [];

    /// <summary>Number of rows.</summary>
    public int Rows => Ids.Length;

    /// <summary>Class names in the order of the logits.</summary>
    public ImmutableArray<string> ClassNames => Members[0].Metadata.ClassNames;

    /// <summary>Number of classes.</summary>
    public int Classes => ClassNames.Length;

    /// <summary>Joins tables by id. Classes are matched by name: a table that has the same classes in another order is reordered.</summary>
    /// <param name="tables">At least one; a table may occur twice.</param>
    /// <param name="arena">Memory for sorted logits and for all that is derived from the set; by default ordinary memory.</param>
    /// <exception cref="RefusalException">
    /// Class names, data set, split, ids, image paths or targets of two tables disagree; the message names both files and the difference.
    /// </exception>
    public static LogitsSet Join(IReadOnlyList<LogitsTable> tables, ScratchArena? arena = null)
    {
        ArgumentNullException.ThrowIfNull(tables);
        if (tables.Count == 0)
        {
            throw new RefusalException("There are 0 logits tables to join, expected at least 1; make them with sketchflow predict.");
        }

        var members = tables
            .Select(t => SortById(t, arena ?? ScratchArena.Memory))
            .OrderBy(t => t.Metadata.Name, StringComparer.Ordinal)
            .ThenBy(t => t.Source, StringComparer.Ordinal)
            .ToImmutableArray();
        var first = members[0];
        var targets = first.Targets;
        var reordered = new List<string>();
        for (var m = 1; m < members.Length; m++)
        {
            CheckSameSplit(first, members[m]);
            var changed = WithClassesOf(first, members[m], arena);
            if (!ReferenceEquals(changed, members[m]))
            {
                members = members.SetItem(m, changed);
                reordered.Add(changed.Metadata.Name);
            }

            CheckSameRows(first, members[m]);
            targets = MergeTargets(targets, first, members[m]);
        }

        return new LogitsSet(members, first.Ids, first.ImagePaths, targets) { Arena = arena ?? ScratchArena.Memory, Reordered = [.. reordered] };
    }

    /// <summary>Returns the set with some of its members.</summary>
    /// <param name="members">Positions in <see cref="Members"/>; the result keeps the set's order.</param>
    public LogitsSet WithMembers(IEnumerable<int> members) => this with { Members = [.. members.Order().Select(m => Members[m])] };

    /// <summary>Returns the set with some of its rows and all members; the logits are copied.</summary>
    /// <param name="rows">Positions in the order of the result; a position may occur twice (bootstrap).</param>
    /// <param name="arena">Memory for the logits; by default the set's own.</param>
    public LogitsSet WithRows(IReadOnlyList<int> rows, ScratchArena? arena = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        long[] ids = [.. rows.Select(r => Ids[r])];
        string[] paths = [.. rows.Select(r => ImagePaths[r])];
        int?[] targets = [.. rows.Select(r => Targets[r])];
        return new LogitsSet([.. Members.Select(m => CopyRows(m, rows, ids, paths, targets, arena ?? Arena))], ids, paths, targets) { Arena = arena ?? Arena };
    }

    /// <summary>Returns the set with each member's logits divided by its temperature; logits of other temperatures than 1 are copied.</summary>
    /// <param name="temperatures">One per member, in the set's order, finite and above 0.</param>
    /// <exception cref="RefusalException">The number of temperatures is not that of members, or one is out of range.</exception>
    public LogitsSet Calibrated(IReadOnlyList<double> temperatures)
    {
        ArgumentNullException.ThrowIfNull(temperatures);
        if (temperatures.Count != Members.Length || temperatures.Any(t => !(t > 0 && double.IsFinite(t))))
        {
            throw new RefusalException(
                $"The temperatures {string.Join(", ", temperatures)} were given for {Members.Length} models, expected one finite number above 0 per model.");
        }

        return this with { Members = [.. Members.Select((m, i) => Divide(m, temperatures[i]))] };

        LogitsTable Divide(LogitsTable table, double temperature)
        {
            if (temperature == 1)
            {
                return table;
            }

            var logits = Arena.Allocate<float>(table.Logits.Length);
            ReadOnlySpan<float> from = table.Logits.Span;
            var to = logits.Span;
            for (var i = 0; i < to.Length; i++)
            {
                // A quotient beyond float32 would make the row infinite.
                to[i] = Math.Clamp((float)(from[i] / temperature), -float.MaxValue, float.MaxValue);
            }

            return table with { Logits = logits };
        }
    }

    /// <summary>Returns the class number of each row.</summary>
    /// <exception cref="RefusalException">A row has none, as in a split without labels.</exception>
    public int[] RequireTargets()
    {
        var missing = Array.FindIndex(Targets, t => t is null);
        return missing < 0
            ? [.. Targets.Select(t => t!.Value)]
            : throw new RefusalException(
                $"{Members[0].Source} has no target for id {Ids[missing]} ({ImagePaths[missing]}), expected a label in every row; "
                + "use a split that has labels (val or train).");
    }

    private static LogitsTable SortById(LogitsTable table, ScratchArena arena)
    {
        for (var i = 1; i < table.Rows; i++)
        {
            if (table.Ids[i] <= table.Ids[i - 1])
            {
                var order = new int[table.Rows];
                for (var j = 0; j < order.Length; j++)
                {
                    order[j] = j;
                }

                var ids = (long[])table.Ids.Clone();
                Array.Sort(ids, order);
                for (var j = 1; j < ids.Length; j++)
                {
                    if (ids[j] == ids[j - 1])
                    {
                        throw new RefusalException($"{table.Source} has id {ids[j]} twice, expected once; write it again with sketchflow predict.");
                    }
                }

                return CopyRows(table, order, ids, [.. order.Select(r => table.ImagePaths[r])], [.. order.Select(r => table.Targets[r])], arena);
            }
        }

        return table;
    }

    private static LogitsTable CopyRows(LogitsTable table, IReadOnlyList<int> rows, long[] ids, string[] paths, int?[] targets, ScratchArena arena)
    {
        var classes = table.Classes;
        var logits = arena.Allocate<float>(checked(rows.Count * classes));
        var statuses = new string[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            table.Row(rows[i]).CopyTo(logits.Span.Slice(i * classes, classes));
            statuses[i] = table.Statuses[rows[i]];
        }

        return table with { Ids = ids, ImagePaths = paths, Targets = targets, Statuses = statuses, Logits = logits };
    }

    private static RefusalException Differ(LogitsTable a, LogitsTable b, string difference, string fix) =>
        new($"{a.Source} and {b.Source} cannot be joined: {difference}; {fix}.");

    private static void CheckSameSplit(LogitsTable a, LogitsTable b)
    {
        var (x, y) = (a.Metadata, b.Metadata);
        if (!string.Equals(x.Dataset, y.Dataset, StringComparison.Ordinal) || !string.Equals(x.Split, y.Split, StringComparison.Ordinal))
        {
            throw Differ(a, b, $"one holds {x.Dataset}/{x.Split} and the other {y.Dataset}/{y.Split}", "join tables of one split");
        }
    }

    private static LogitsTable WithClassesOf(LogitsTable a, LogitsTable b, ScratchArena? arena)
    {
        try
        {
            return b.WithClassOrder(a.Metadata.ClassNames, $"the table {a.Source}", arena);
        }
        catch (RefusalException e)
        {
            throw new RefusalException($"{a.Source} and {b.Source} cannot be joined. {e.Message}", e);
        }
    }

    private static void CheckSameRows(LogitsTable a, LogitsTable b)
    {
        var rows = Math.Min(a.Rows, b.Rows);
        var same = a.Ids.AsSpan(0, rows).CommonPrefixLength(b.Ids.AsSpan(0, rows));
        if (same < rows || a.Rows != b.Rows)
        {
            var inFirst = same < a.Rows && (same == b.Rows || a.Ids[same] < b.Ids[same]);
            var id = inFirst ? a.Ids[same] : b.Ids[same];
            throw Differ(
                a, b, $"id {id} is only in {(inFirst ? "the first" : "the second")} ({a.Rows} and {b.Rows} rows)", "predict both on the same rows");
        }

        for (var i = 0; i < rows; i++)
        {
            if (!string.Equals(a.ImagePaths[i], b.ImagePaths[i], StringComparison.Ordinal))
            {
                throw Differ(
                    a, b, $"id {a.Ids[i]} is '{a.ImagePaths[i]}' in one and '{b.ImagePaths[i]}' in the other", "predict both on the same rows");
            }
        }
    }

    private static int?[] MergeTargets(int?[] targets, LogitsTable first, LogitsTable other)
    {
        int?[]? merged = null;
        for (var i = 0; i < targets.Length; i++)
        {
            if (targets[i] == other.Targets[i] || other.Targets[i] is null)
            {
                continue;
            }

            if (targets[i] is not null)
            {
                throw new RefusalException(
                    $"{first.Source} and {other.Source} cannot be joined: the target of id {first.Ids[i]} is {targets[i]} in one "
                    + $"and {other.Targets[i]} in the other; predict both with the same labels.");
            }

            merged ??= (int?[])targets.Clone();
            merged[i] = other.Targets[i];
        }

        return merged ?? targets;
    }
}
