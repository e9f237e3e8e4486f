using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>The logits of every run over one split, folds joined: out of fold on validation, averaged on test.</summary>
/// <param name="Set">One member a run, in ordinal order of their names.</param>
/// <param name="Files">The files behind each run.</param>
public sealed record RunLogits(LogitsSet Set, ImmutableDictionary<string, ImmutableArray<TableFile>> Files)
{
    /// <summary>The split on which ensembles are searched.</summary>
    public const string Validation = "val";

    /// <summary>The split whose predictions are handed in.</summary>
    public const string Test = "test";

    /// <summary>Reads every table of a split; null where there is none.</summary>
    /// <param name="artifacts">Where the logits are.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">val or test.</param>
    /// <param name="runs">The runs wanted; null is all.</param>
    /// <param name="arena">Where the logits go; by default memory.</param>
    /// <exception cref="RefusalException">A table is not sound, tables do not fit together, or a wanted run has none.</exception>
    public static RunLogits? Read(Artifacts artifacts, string dataSet, string split, IReadOnlyCollection<string>? runs = null, ScratchArena? arena = null)
    {
        var folder = Path.Combine(artifacts.Logits, dataSet, split);
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal)] : [];
        if (runs is not null)
        {
            files = [.. files.Where(f => runs.Contains(RunOf(f), StringComparer.Ordinal))];
        }

        if (files.Length == 0)
        {
            return null;
        }

        var byRun = LogitsReader.Read(files, room: arena).GroupBy(t => t.Metadata.Run, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (runs?.Except(byRun.Select(g => g.Key), StringComparer.Ordinal).FirstOrDefault() is { } absent)
        {
            throw new RefusalException($"There are no {split} logits of the run {absent} in {folder}; run make predict RUN={absent}.");
        }

        var hashes = ImmutableDictionary.CreateBuilder<string, ImmutableArray<TableFile>>(StringComparer.Ordinal);
        var tables = new List<LogitsTable>();
        foreach (var run in byRun)
        {
            hashes[run.Key] = [.. run.Select(t => new TableFile(Path.GetRelativePath(artifacts.Logits, t.Source), FileHash.Sha256(t.Source)))];
            tables.Add(JoinFolds([.. run], split, arena));
        }

        return new RunLogits(LogitsSet.Join(tables, arena), hashes.ToImmutable());
    }

    /// <summary>Names of the runs, in the order of the members.</summary>
    public ImmutableArray<string> Runs => [.. Set.Members.Select(m => m.Metadata.Run)];

    private static LogitsTable JoinFolds(IReadOnlyList<LogitsTable> tables, string split, ScratchArena? arena) => (tables.Count, tables[0].Metadata.Fold, split) switch
    {
        (1, null, _) => tables[0],
        // Folds that were validated on other rows make one table of all; those that predicted the same rows are averaged.
        (_, _, Validation) when !SameRows(tables) => FoldTables.OutOfFold(tables, arena),
        _ => FoldTables.Mean(tables, arena),
    };

    private static bool SameRows(IReadOnlyList<LogitsTable> tables) =>
        tables.Count > 1 && tables.All(t => t.Ids.Order().SequenceEqual(tables[0].Ids.Order()));

    /// <summary>The run in a file's name, <c>RUN[.fold-K].parquet</c>.</summary>
    private static string RunOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var fold = name.LastIndexOf(".fold-", StringComparison.Ordinal);
        return fold > 0 && int.TryParse(name[(fold + 6)..], out _) ? name[..fold] : name;
    }
}
