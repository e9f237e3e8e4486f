using System.Collections.Immutable;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Logits of every run for one split, with folds joined: out of fold on validation, averaged on test.</summary>
/// <param name="Set">One member per run, in ordinal order of their names.</param>
/// <param name="Files">Files of each run.</param>
public sealed partial record RunLogits(LogitsSet Set, ImmutableDictionary<string, ImmutableArray<TableFile>> Files)
{
    /// <summary>The split on which ensembles are searched.</summary>
    public const string Validation = "val";

    /// <summary>The split whose predictions are submitted.</summary>
    public const string Test = "test";

    /// <summary>Names of the members, in order: those of the runs, with their test-time augmentation if there is one.</summary>
    public ImmutableArray<string> Runs => [.. Set.Members.Select(m => m.Metadata.Member)];

    /// <summary>Reads every table of a split; null if there is none.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">val or test.</param>
    /// <param name="runs">The members to read, such as <c>a</c> or <c>a+hflip</c>; null reads all.</param>
    /// <param name="cache">Tables loaded before, and the memory for new ones.</param>
    /// <exception cref="RefusalException">A table is invalid, tables disagree, or a run of <paramref name="runs"/> has none.</exception>
    public static RunLogits? Read(Artifacts artifacts, string dataSet, string split, IReadOnlyCollection<string>? runs = null, TableCache? cache = null)
    {
        var folder = Path.Combine(artifacts.Logits, dataSet, split);
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal)] : [];
        if (runs is not null)
        {
            files = [.. files.Where(f => runs.Contains(MemberOf(f), StringComparer.Ordinal))];
        }

        if (files.Length == 0)
        {
            return null;
        }

        cache ??= new TableCache();
        var byRun = cache.Read(files).GroupBy(t => t.Metadata.Member, StringComparer.Ordinal)
            .Where(g => runs?.Contains(g.Key, StringComparer.Ordinal) ?? true).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (runs?.Except(byRun.Select(g => g.Key), StringComparer.Ordinal).FirstOrDefault() is { } absent)
        {
            throw new RefusalException($"There are no {split} logits of the run {absent} in {folder}; run make predict RUN={absent}.");
        }

        var hashes = ImmutableDictionary.CreateBuilder<string, ImmutableArray<TableFile>>(StringComparer.Ordinal);
        var tables = new List<LogitsTable>();
        foreach (var run in byRun)
        {
            hashes[run.Key] = [.. run.Select(t => new TableFile(Path.GetRelativePath(artifacts.Logits, t.Source), t.FileSha256!))];
            tables.Add(JoinFolds([.. run], split, cache.Arena));
        }

        return new RunLogits(LogitsSet.Join(tables, cache.Arena), hashes.ToImmutable());
    }

    /// <summary>Reads the validation tables of a data set.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="runs">The runs to read; null reads all.</param>
    /// <param name="cache">Tables loaded before, and the memory for new ones.</param>
    /// <exception cref="RefusalException">There is none, or tables are invalid or disagree.</exception>
    public static RunLogits ReadValidation(Artifacts artifacts, string dataSet, IReadOnlyCollection<string>? runs, TableCache cache) =>
        Read(artifacts, dataSet, Validation, runs, cache)
        ?? throw new RefusalException($"There are no validation logits of {dataSet} in {artifacts.Logits}; run make predict first.");

    /// <summary>Finds the data set whose validation logits were written last.</summary>
    /// <exception cref="RefusalException">There are no logits.</exception>
    public static string FindNewestDataSet(Artifacts artifacts)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var files = Directory.Exists(artifacts.Logits) ? Directory.EnumerateFiles(artifacts.Logits, "*.parquet", SearchOption.AllDirectories) : [];
        return files.Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == Validation)
            .OrderByDescending(File.GetLastWriteTimeUtc).ThenBy(f => f, StringComparer.Ordinal)
            .Select(f => Path.GetRelativePath(artifacts.Logits, Path.GetDirectoryName(Path.GetDirectoryName(f)!)!))
            .FirstOrDefault()
            ?? throw new RefusalException($"There are no validation logits in {artifacts.Logits}; run make predict first.");
    }

    private static LogitsTable JoinFolds(IReadOnlyList<LogitsTable> tables, string split, ScratchArena arena) =>
        (tables.Count, tables[0].Metadata.Fold, split) switch
        {
            (1, null, _) => tables[0],
            // Folds that validated different rows are concatenated; folds that predicted the same rows are averaged.
            (_, _, Validation) when !HaveSameRows(tables) => FoldTables.OutOfFold(tables, arena),
            _ => FoldTables.Mean(tables, arena),
        };

    private static bool HaveSameRows(IReadOnlyList<LogitsTable> tables) =>
        tables.Count > 1 && tables.All(t => t.Ids.Order().SequenceEqual(tables[0].Ids.Order()));

    /// <summary>Returns the member in a file's name, <c>RUN[.fold-K][+tta].parquet</c>.</summary>
    private static string MemberOf(string file) => FoldPart().Replace(Path.GetFileNameWithoutExtension(file), "${tta}");

    [GeneratedRegex(@"\.fold-[0-9]+(?<tta>\+.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FoldPart();
}
