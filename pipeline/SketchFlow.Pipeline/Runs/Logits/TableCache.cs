using System.Collections.Concurrent;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Reads logits tables, each file once: a job that needs a table twice gets the loaded one.</summary>
/// <param name="arena">Memory for the logits; by default ordinary memory.</param>
public sealed class TableCache(ScratchArena? arena = null)
{
    private readonly ConcurrentDictionary<string, LogitsTable> _tables = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _checksums = new(StringComparer.Ordinal);

    /// <summary>Memory for the logits.</summary>
    public ScratchArena Arena { get; } = arena ?? ScratchArena.Memory;

    /// <summary>Returns the tables of these files with the hashes of the files, reading those that are not loaded yet.</summary>
    public LogitsTable[] Read(IReadOnlyList<string> files)
    {
        string[] missing = [.. files.Where(f => !_tables.ContainsKey(f)).Distinct(StringComparer.Ordinal)];
        foreach (var (file, table) in missing.Zip(LogitsReader.Read(missing, new LogitsReadOptions { Arena = Arena, HashFiles = true })))
        {
            _tables[file] = table;
        }

        return [.. files.Select(f => _tables[f])];
    }

    /// <summary>Returns the SHA-256 of a file, which is computed once: validation and test tables name the same weights.</summary>
    internal string ChecksumOf(string file) => _checksums.GetOrAdd(file, FileHash.Sha256);

    /// <summary>Reads these files like <see cref="Read"/>, and reports those that cannot be read.</summary>
    /// <returns>For each file its table, or the message of the refusal.</returns>
    internal (LogitsTable? Table, string? Fault)[] TryRead(IReadOnlyList<string> files)
    {
        var results = new (LogitsTable? Table, string? Fault)[files.Count];
        Parallel.For(0, files.Count, i =>
        {
            try
            {
                results[i] = (Read([files[i]])[0], null);
            }
            catch (RefusalException e)
            {
                results[i] = (null, e.Message);
            }
        });
        return results;
    }
}
