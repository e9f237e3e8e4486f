using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The logits of runs over one split. Folds of a run are joined: out-of-fold on validation, averaged on test.</summary>
/// <param name="Set">One member per run, in ordinal order of the names.</param>
/// <param name="Files">The files of each run.</param>
public sealed record RunLogits(LogitsSet Set, ImmutableDictionary<string, ImmutableArray<TableFile>> Files)
{
    /// <summary>Name of the validation split, on which ensembles are searched.</summary>
    public const string Validation = "val";

    /// <summary>Name of the test split, whose predictions are submitted.</summary>
    public const string Test = "test";

    /// <summary>Reads the tables of a split; null if there are none.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">Name of the split: val, test or train.</param>
    /// <param name="runs">Names of the runs to read; null for all.</param>
    /// <param name="arena">Storage for the logits; null for ordinary memory.</param>
    /// <exception cref="RefusalException">A table is damaged, tables do not match each other, or a named run has none.</exception>
    public static RunLogits? Read(Artifacts artifacts, string dataSet, string split, IReadOnlyCollection<string>? runs = null, ScratchArena? arena = null)
    {
        var folder = Path.Combine(artifacts.Logits, dataSet, split);
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal)] : [];
        if (runs is not null)
        {
            files = [.. files.Where(f => runs.Contains(ParseRun(f), StringComparer.Ordinal))];
        }

        if (files.Length == 0)
        {
            return null;
        }

        var byRun = LogitsReader.Read(files, new LogitsReadOptions { Arena = arena ?? ScratchArena.Memory })
            .GroupBy(t => t.Metadata.Run, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (runs?.Except(byRun.Select(g => g.Key), StringComparer.Ordinal).FirstOrDefault() is { } absent)
        {
            throw new RefusalException($"No {split} logits of the run {absent} in {folder}; run make predict RUN={absent}.");
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

    // Folds with different rows are concatenated to an out-of-fold table; folds with the same rows are averaged.
    private static LogitsTable JoinFolds(IReadOnlyList<LogitsTable> tables, string split, ScratchArena? arena) =>
        (tables.Count, tables[0].Metadata.Fold, split) switch
        {
            (1, null, _) => tables[0],
            (_, _, Validation) when !SameRows(tables) => FoldTables.OutOfFold(tables, arena),
            _ => FoldTables.Mean(tables, arena),
        };

    private static bool SameRows(IReadOnlyList<LogitsTable> tables) =>
        tables.Count > 1 && tables.All(t => t.Ids.Order().SequenceEqual(tables[0].Ids.Order()));

    /// <summary>Extracts the name of the run from a file name, <c>RUN[.fold-K].parquet</c>.</summary>
    private static string ParseRun(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var fold = name.LastIndexOf(".fold-", StringComparison.Ordinal);
        return fold > 0 && int.TryParse(name[(fold + 6)..], out _) ? name[..fold] : name;
    }
}
