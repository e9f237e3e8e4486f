using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Logits of every run for one split, with folds joined: out of fold on validation, averaged on test.</summary>
/// <param name="Set">One member per run, in ordinal order of their names.</param>
/// <param name="Files">Files of each run.</param>
public sealed record RunLogits(LogitsSet Set, ImmutableDictionary<string, ImmutableArray<TableFile>> Files)
{
    /// <summary>The split on which ensembles are searched.</summary>
    public const string Validation = "val";

    /// <summary>The split whose predictions are submitted.</summary>
    public const string Test = "test";

    /// <summary>Names of the members, in order: those of the runs, with their test-time augmentation if there is one.</summary>
    public ImmutableArray<string> Runs => [.. Set.Members.Select(m => m.Metadata.Member)];

    /// <summary>Reads the tables of some members of a split; null if there is none.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">val or test.</param>
    /// <param name="runs">The members to read, such as <c>a</c> or <c>a+hflip</c>; null reads all.</param>
    /// <param name="cache">Tables loaded before, and the memory for new ones.</param>
    /// <exception cref="RefusalException">A table is invalid, tables disagree, or a run has none that is of the run as it is now.</exception>
    public static RunLogits? Read(Artifacts artifacts, string dataSet, string split, IReadOnlyCollection<string>? runs = null, TableCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        cache ??= new TableCache();
        bool Wanted(string member) => runs?.Contains(member, StringComparer.Ordinal) ?? true;
        string[] files = [.. MemberTables.FindFiles(artifacts, dataSet, split).Where(f => Wanted(MemberTables.MemberOf(f)))];
        if (files.Length == 0)
        {
            return null;
        }

        var byRun = cache.Read(files).GroupBy(t => t.Metadata.Member, StringComparer.Ordinal)
            .Where(g => Wanted(g.Key)).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        return runs?.Except(byRun.Select(g => g.Key), StringComparer.Ordinal).FirstOrDefault() is { } absent
            ? throw new RefusalException(
                $"There are no {split} logits of the run {absent} in {Path.GetDirectoryName(files[0])}; run sketchflow predict --run {absent}.")
            : Join([.. byRun.Select(g => MemberTables.Join(artifacts, [.. g], split, cache))], cache.Arena);
    }

    /// <summary>Describes that a data set has no logits of a split.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">The split in words.</param>
    public static RefusalException Missing(Artifacts artifacts, string dataSet, string split)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        return new RefusalException($"There are no {split} logits of {dataSet} in {artifacts.Logits}; run sketchflow predict first.");
    }

    /// <summary>Finds the data set whose validation logits were written last.</summary>
    /// <exception cref="RefusalException">There are no logits.</exception>
    public static string FindNewestDataSet(Artifacts artifacts)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        return MemberTables.FindFiles(artifacts, Validation)
            .OrderByDescending(File.GetLastWriteTimeUtc).ThenBy(f => f, StringComparer.Ordinal)
            .Select(f => MemberTables.DataSetOf(artifacts, f))
            .FirstOrDefault()
            ?? throw new RefusalException($"There are no validation logits in {artifacts.Logits}; run sketchflow predict first.");
    }

    /// <summary>Returns the logits of some members, by name.</summary>
    internal RunLogits WithMembers(IReadOnlyCollection<string> names) => new(
        Set.WithMembers(Enumerable.Range(0, Set.Members.Length).Where(m => names.Contains(Set.Members[m].Metadata.Member, StringComparer.Ordinal))),
        Files.RemoveRange(Files.Keys.Except(names, StringComparer.Ordinal)));

    /// <summary>Joins the tables of several members.</summary>
    /// <exception cref="RefusalException">Their rows or classes disagree.</exception>
    internal static RunLogits Join(IReadOnlyList<MemberTable> members, ScratchArena arena) => new(
        LogitsSet.Join([.. members.Select(m => m.Table)], arena),
        members.ToImmutableDictionary(m => m.Table.Metadata.Member, m => m.Files, StringComparer.Ordinal));
}
