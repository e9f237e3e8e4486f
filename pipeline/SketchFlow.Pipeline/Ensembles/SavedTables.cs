using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Reads the tables that a saved ensemble names, and compares their hashes.</summary>
internal static class SavedTables
{
    /// <summary>Reads the tables of the members for a split; null if the ensemble names none and there are none.</summary>
    /// <exception cref="RefusalException">A table is missing, damaged or has changed.</exception>
    public static RunLogits? Read(Artifacts artifacts, EnsembleFile file, string split, TableCache cache)
    {
        if (file.Members.All(m => m.FilesOf(split).Count == 0))
        {
            // Saved before the split was predicted.
            return RunLogits.Read(artifacts, file.Dataset, split, [.. file.Members.Select(m => m.Run)], cache);
        }

        var tables = file.Members.ToDictionary(
            m => m.Run,
            m => cache.Read(
            [
                .. m.FilesOf(split).Keys.Order(StringComparer.Ordinal).Select(f => Path.Combine(artifacts.Logits, f)).Where(File.Exists),
            ]),
            StringComparer.Ordinal);
        file.Verify(split, tables.ToImmutableDictionary(
            t => t.Key,
            t => (ImmutableArray<TableFile>)[.. t.Value.Select(f => new TableFile(Path.GetRelativePath(artifacts.Logits, f.Source), f.FileSha256!))],
            StringComparer.Ordinal));
        return RunLogits.Join([.. file.Members.Select(m => Member(artifacts, file, m, tables[m.Run], split, cache))], cache.Arena);
    }

    private static MemberTable Member(
        Artifacts artifacts, EnsembleFile file, EnsembleMember member, LogitsTable[] tables, string split, TableCache cache)
    {
        if (tables.Length == 0)
        {
            throw new RefusalException($"The ensemble names no {split} table of {member.Run}, expected one; search again with sketchflow ensemble.");
        }

        var joined = MemberTables.JoinAll(artifacts, tables, split, cache);
        var suffix = LogitsMetadata.TtaSuffix(joined.Table.Metadata.Tta);
        var run = suffix.Length > 0 && member.Run.EndsWith(suffix, StringComparison.Ordinal) ? member.Run[..^suffix.Length] : member.Run;
        joined = member.EstimatedBy is { } estimate && split == RunLogits.Validation ? joined.AsEstimateOf(run, estimate) : joined;
        return file.Classes.Count == 0 ? joined : joined with { Table = joined.Table.WithClassOrder([.. file.Classes], "the ensemble", cache.Arena) };
    }
}
