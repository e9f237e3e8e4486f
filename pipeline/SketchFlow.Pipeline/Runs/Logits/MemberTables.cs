using System.Collections.Immutable;
using System.Text.RegularExpressions;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Finds the tables of each member and joins its folds, using only those that belong to the run as it is now.</summary>
internal static partial class MemberTables
{
    /// <summary>Lists the files of a split, in ordinal order.</summary>
    public static string[] FindFiles(Artifacts artifacts, string dataSet, string split)
    {
        var folder = Path.Combine(artifacts.Logits, dataSet, split);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Lists the files of a split of all data sets, in no order.</summary>
    public static IEnumerable<string> FindFiles(Artifacts artifacts, string split) => !Directory.Exists(artifacts.Logits)
        ? []
        : Directory.EnumerateFiles(artifacts.Logits, "*.parquet", SearchOption.AllDirectories).Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == split);

    /// <summary>Returns the name of the data set of a file: its folder below that of all logits.</summary>
    public static string DataSetOf(Artifacts artifacts, string file) =>
        Path.GetRelativePath(artifacts.Logits, Path.GetDirectoryName(Path.GetDirectoryName(file)!)!);

    /// <summary>Returns the member in a file's name, <c>RUN[.fold-K][+tta].parquet</c>.</summary>
    public static string MemberOf(string file) => FoldPart().Replace(Path.GetFileNameWithoutExtension(file), "${tta}");

    /// <summary>Reads the tables of a split, member by member; those that cannot be used are reported.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="wanted">Whether a member is to be read.</param>
    /// <param name="cache">Tables loaded before, and the memory for new ones.</param>
    /// <returns>The usable members by name, and the others with the reason.</returns>
    public static (Dictionary<string, MemberTable> Members, ImmutableArray<LeftOutMember> LeftOut) ReadAll(
        Artifacts artifacts, string dataSet, string split, Func<string, bool> wanted, TableCache cache)
    {
        string[] files = [.. FindFiles(artifacts, dataSet, split).Where(f => wanted(MemberOf(f)))];
        var read = cache.TryRead(files);
        var members = new Dictionary<string, MemberTable>(StringComparer.Ordinal);
        var leftOut = new List<LeftOutMember>();
        foreach (var group in files.Zip(read).GroupBy(p => p.Second.Table?.Metadata.Member ?? MemberOf(p.First), StringComparer.Ordinal))
        {
            try
            {
                LogitsTable[] tables = [.. group.Select(p => p.Second.Table ?? throw new RefusalException(p.Second.Fault!))];
                members.Add(group.Key, Join(artifacts, tables, split, cache));
            }
            catch (RefusalException e)
            {
                leftOut.Add(new LeftOutMember(group.Key, e.Message));
            }
        }

        return (members, [.. leftOut]);
    }

    /// <summary>Joins the tables of a member that belong to the run as it is: out of fold on validation, averaged on test.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="tables">All tables of the member for one split.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="cache">Checksums computed before, and the memory for the logits.</param>
    /// <exception cref="RefusalException">No table belongs to the run, or it is unknown which do.</exception>
    public static MemberTable Join(Artifacts artifacts, IReadOnlyList<LogitsTable> tables, string split, TableCache cache) =>
        JoinAll(artifacts, SelectCurrent(artifacts, tables, cache), split, cache);

    /// <summary>Joins all given tables of a member.</summary>
    /// <inheritdoc cref="Join"/>
    public static MemberTable JoinAll(Artifacts artifacts, IReadOnlyList<LogitsTable> tables, string split, TableCache cache)
    {
        var arena = cache.Arena;
        var joined = (tables.Count, tables[0].Metadata.Fold, split) switch
        {
            (1, null, _) => tables[0],
            // Folds that validated different rows are concatenated; folds that predicted the same rows are averaged.
            (_, _, RunLogits.Validation) when !HaveSameRows(tables) => FoldTables.OutOfFold(tables, arena),
            _ => FoldTables.Mean(tables, arena),
        };
        // Joining one table sorts its rows and refuses repeated ids.
        return new MemberTable(
            LogitsSet.Join([joined], arena).Members[0],
            [.. tables.Select(t => new TableFile(Path.GetRelativePath(artifacts.Logits, t.Source), t.FileSha256!))],
            tables.Max(t => File.GetLastWriteTimeUtc(t.Source)));
    }

    private static IReadOnlyList<LogitsTable> SelectCurrent(Artifacts artifacts, IReadOnlyList<LogitsTable> tables, TableCache cache)
    {
        var name = tables[0].Metadata.Run;
        LogitsTable[] whole = [.. tables.Where(t => t.Metadata.Fold is null)];
        LogitsTable[] folds = [.. tables.Where(t => t.Metadata.Fold is not null)];
        var run = new RunFolder(Path.Combine(artifacts.Runs, name));
        if (!File.Exists(run.Recipe) && run.Trained.Count == 0)
        {
            return whole.Length == 0 || folds.Length == 0 ? tables : throw new RefusalException(
                $"{whole[0].Source} and {folds[0].Source} are both there, and there is no run {name} in {artifacts.Runs} that shows which of them is in use; "
                + "delete the tables that are not.");
        }

        int[] parts = [.. run.Folds.Select(f => f.Fold!.Value)];
        LogitsTable[] own = parts.Length == 0 ? whole : [.. folds.Where(t => parts.Contains(t.Metadata.Fold!.Value))];
        if (own.Length == 0)
        {
            var now = parts.Length == 0 ? "has no folds" : $"has the folds {string.Join(", ", parts)}";
            throw new RefusalException($"the run {name} {now}, and {tables[0].Source} is not a table of it; run sketchflow predict --run {name}.");
        }

        foreach (var table in own)
        {
            CheckWeights(run, table, cache);
        }

        return own;
    }

    // A run that trained on after the prediction (by --resume), or a fold that was trained again, has other weights than its table. A whole run whose
    // weights were deleted to save space keeps its tables; a fold set without one of its folds is incomplete.
    private static void CheckWeights(RunFolder run, LogitsTable table, TableCache cache)
    {
        var part = table.Metadata.Fold is { } fold ? run.ForFold(fold) : run;
        if (table.Metadata.CheckpointSha256 is not { } predicted || (part.Fold is null && !File.Exists(part.Best)))
        {
            return;
        }

        if (!File.Exists(part.Best) || cache.ChecksumOf(part.Best) != predicted)
        {
            throw new RefusalException($"{table.Source} was predicted with other weights than {part.Best}; run sketchflow predict --run {run.Name}.");
        }
    }

    private static bool HaveSameRows(IReadOnlyList<LogitsTable> tables) =>
        tables.Count > 1 && tables.All(t => t.Ids.Order().SequenceEqual(tables[0].Ids.Order()));

    [GeneratedRegex(@"\.fold-[0-9]+(?<tta>\+.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FoldPart();
}
