using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables.ParquetFiles;

namespace SketchFlow.Scoring.Tables;

/// <summary>Reads logits tables by column chunks straight into flat arrays, and checks them before it trusts them.</summary>
/// <remarks>
/// Peak memory is the table and, a worker, one column chunk before and after decompression (1 MB each in SketchFlow's own tables).
/// A table of SketchFlow's own carries its file's SHA-256, which is checked before anything is parsed; what other tools wrote is parsed under a guard.
/// </remarks>
public static class LogitsReader
{
    private const string Again = "write it again with sketchflow predict";

    /// <summary>Reads one table.</summary>
    /// <exception cref="RefusalException">The file is missing, truncated, of another schema, or its rows, ids, class names or logits are not sound.</exception>
    public static LogitsTable Read(string path) => Read(path, ScratchArena.Memory);

    /// <summary>Reads one table, its logits into a room.</summary>
    /// <exception cref="RefusalException">The file is missing, truncated, of another schema, or its rows, ids, class names or logits are not sound.</exception>
    public static LogitsTable Read(string path, ScratchArena arena)
    {
        ArgumentNullException.ThrowIfNull(arena);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckEnds(path);
        try
        {
            // The stream is synchronous, so this never waits on another thread.
            return ReadAsync(path, arena).GetAwaiter().GetResult();
        }
        catch (OutOfMemoryException e)
        {
            throw new RefusalException($"{path} asks for more memory than there is; leave tables out, or {Again} if it should be small.", e);
        }
        catch (Exception e) when (e is not RefusalException)
        {
            throw new RefusalException($"{path} is a damaged Parquet file ({OneLine(e.Message)}), expected a whole one; {Again}.", e);
        }
    }

    /// <summary>Reads several tables, in their order, on <paramref name="workers"/> threads (0: one a core), into a room (by default memory).</summary>
    /// <exception cref="RefusalException">The first file, in order, that is not sound.</exception>
    public static LogitsTable[] Read(IReadOnlyList<string> paths, int workers = 0, ScratchArena? room = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var tables = new LogitsTable[paths.Count];
        var refusals = new RefusalException?[paths.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers > 0 ? workers : Environment.ProcessorCount };
        Parallel.For(0, paths.Count, options, i =>
        {
            try
            {
                tables[i] = Read(paths[i], room ?? ScratchArena.Memory);
            }
            catch (RefusalException e)
            {
                refusals[i] = e;
            }
        });
        return refusals.FirstOrDefault(r => r is not null) is { } refusal ? throw new RefusalException(refusal.Message, refusal) : tables;
    }

    private static async Task<LogitsTable> ReadAsync(string path, ScratchArena arena)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 12);
        var sealedFile = FileChecksum.Check(stream, path);
        if (!ParquetFooterValidator.IsSound(stream))
        {
            throw new RefusalException($"{path} is a damaged Parquet file (its footer does not hold together), expected a whole one; {Again}.");
        }

        stream.Seek(0, SeekOrigin.Begin);
        using var ending = new BoundedStream(stream);
        await using var reader = await ParquetReader.CreateAsync(ending, LogitsSchema.ReadOptions);
        var fields = CheckSchema(path, reader.Schema);
        var (metadata, declaredRows, sha) = CheckMetadata(path, reader.CustomMetadata);
        var classes = metadata.ClassNames.Length;
        var total = reader.RowGroups.Sum(g => g.RowCount);
        if (total != declaredRows || total != (reader.Metadata?.NumRows ?? -1))
        {
            throw new RefusalException($"{path} holds {total} rows in its row groups, expected {declaredRows} by its metadata; {Again}.");
        }

        if (total == 0)
        {
            throw new RefusalException($"{path} holds 0 rows, expected at least 1; {Again}.");
        }

        if (total * classes > Array.MaxLength)
        {
            throw new RefusalException($"{path} holds {total} × {classes} logits, expected at most {Array.MaxLength} in one table; split its rows over several tables.");
        }

        var rows = (int)total;
        var table = new LogitsTable(
            path, metadata, new long[rows], new string[rows], new int?[rows], new string[rows], arena.Allocate<float>(rows * classes));
        var at = 0;
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var n = (int)group.RowCount;
            CheckPages(path, stream, group, fields);
            await group.ReadAsync<long>(fields.Id, table.Ids.AsMemory(at, n));
            await group.ReadAsync(fields.ImagePath, table.ImagePaths.AsMemory(at, n)!);
            await group.ReadAsync<int>(fields.Target, table.Targets.AsMemory(at, n));
            await group.ReadAsync(fields.Status, table.Statuses.AsMemory(at, n)!);
            Intern(table.Statuses.AsSpan(at, n));
            var values = n * classes;
            var chunk = group.GetMetadata(fields.Logits)?.MetaData;
            var found = chunk?.NumValues ?? 0;
            if (found != values)
            {
                throw new RefusalException(
                    $"{path} holds {found} logits in the {n} rows from row {at} on, expected {values} ({classes} a row); {Again}.");
            }

            if (!LogitsPages.TryRead(stream.SafeFileHandle, chunk!, fields.Logits.MaxDefinitionLevel, classes, table.Logits.Span.Slice(at * classes, values)))
            {
                await ReadLists(path, group, fields.Logits, at, classes, table.Logits.Slice(at * classes, values));
            }

            at += n;
        }

        CheckRows(table);
        if (sealedFile)
        {
            return table;
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(table.Logits.Span)));
        if (!string.Equals(actual, sha, StringComparison.Ordinal))
        {
            throw new RefusalException($"{path} holds logits of SHA-256 {actual[..12]}…, expected {sha[..Math.Min(12, sha.Length)]}… by its metadata; {Again}.");
        }

        return table;
    }

    private static void CheckPages(string path, FileStream stream, ParquetRowGroupReader group, Fields fields)
    {
        foreach (var field in new[] { fields.Id, fields.ImagePath, fields.Target, fields.Status, fields.Logits })
        {
            var fault = group.GetMetadata(field)?.MetaData is { } chunk ? ParquetPageHeader.Fault(stream.SafeFileHandle, chunk) : "no such column";
            if (fault is not null)
            {
                throw new RefusalException($"{path} is a damaged Parquet file (its column {field.Path.FirstPart} has {fault}), expected a whole one; {Again}.");
            }
        }
    }

    /// <summary>Reads logits in any form that Parquet.Net knows, with levels of 8 bytes a logit from the shared pool.</summary>
    private static async Task ReadLists(string path, ParquetRowGroupReader group, DataField field, int firstRow, int classes, Memory<float> logits)
    {
        var definitions = ArrayPool<int>.Shared.Rent(logits.Length);
        var repetitions = ArrayPool<int>.Shared.Rent(logits.Length);
        try
        {
            await group.ReadRawAsync(field, logits, definitions.AsMemory(0, logits.Length), repetitions.AsMemory(0, logits.Length));
            CheckLists(path, firstRow, classes, field.MaxDefinitionLevel, definitions.AsSpan(0, logits.Length), repetitions.AsSpan(0, logits.Length));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(definitions);
            ArrayPool<int>.Shared.Return(repetitions);
        }
    }

    /// <summary>Nearly all statuses are one word: one string serves them.</summary>
    private static void Intern(Span<string> statuses)
    {
        foreach (ref var status in statuses)
        {
            status = string.Equals(status, LogitsTable.Ok, StringComparison.Ordinal) ? LogitsTable.Ok : status;
        }
    }

    private sealed record Fields(DataField Id, DataField ImagePath, DataField Target, DataField Status, DataField Logits);

    private static void CheckEnds(string path)
    {
        if (!File.Exists(path))
        {
            throw new RefusalException($"{path} does not exist, expected a logits table; make it with sketchflow predict.");
        }

        using var stream = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        Span<byte> tail = stackalloc byte[8];
        if (stream.Length < 12 || stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || !magic.SequenceEqual("PAR1"u8))
        {
            throw new RefusalException($"{path} is not a Parquet file ({stream.Length} bytes, no PAR1 at its start), expected a logits table; {Again}.");
        }

        stream.Seek(-8, SeekOrigin.End);
        stream.ReadExactly(tail);
        var footer = BitConverter.ToInt32(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || footer <= 0 || footer > stream.Length - 12)
        {
            throw new RefusalException($"{path} is truncated: its {stream.Length} bytes do not end with a Parquet footer, expected one; {Again}.");
        }
    }

    private static Fields CheckSchema(string path, ParquetSchema schema)
    {
        var expected = new (string Path, Type Type)[]
        {
            ("id", typeof(long)), ("image_path", typeof(string)), ("target", typeof(int)), ("status", typeof(string)), ("logits", typeof(float)),
        };
        var leaves = schema.DataFields;
        var found = string.Join(", ", leaves.Select(f => $"{f.Path.FirstPart} {Kind(f).Name}"));
        var fits = leaves.Length == expected.Length
            && leaves.Zip(expected).All(pair => string.Equals(pair.First.Path.FirstPart, pair.Second.Path, StringComparison.Ordinal) && Kind(pair.First) == pair.Second.Type)
            && leaves.Take(4).All(f => f.MaxRepetitionLevel == 0)
            && leaves[4].MaxRepetitionLevel == 1;
        return fits
            ? new Fields(leaves[0], leaves[1], leaves[2], leaves[3], leaves[4])
            : throw new RefusalException(
                $"{path} has the columns {found}, expected id Int64, image_path String, target Int32, status String, logits list of Single; bring tables of other tools in with sketchflow logits import.");
    }

    // Parquet.Net calls the type of a UTF-8 column by its storage, ReadOnlyMemory<char>.
    private static Type Kind(DataField field) => field.ClrType == typeof(ReadOnlyMemory<char>) ? typeof(string) : field.ClrType;

    private static (LogitsMetadata Metadata, long Rows, string Sha) CheckMetadata(string path, Dictionary<string, string> pairs)
    {
        string Key(string name) =>
            pairs.TryGetValue(name, out var value) ? value : throw new RefusalException($"{path} has no metadata key {name}, expected one in a logits table; {Again}.");
        long Number(string name) =>
            long.TryParse(Key(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new RefusalException($"{path} has the metadata {name} = '{Key(name)}', expected a whole number; {Again}.");

        if (Key("schema_version") is var version && !string.Equals(version, LogitsMetadata.SchemaVersion, StringComparison.Ordinal))
        {
            throw new RefusalException($"{path} has schema version {version}, expected {LogitsMetadata.SchemaVersion}; read it with the SketchFlow that wrote it, or {Again}.");
        }

        var json = Key("class_names");
        var hash = LogitsMetadata.Sha256(json);
        if (Key("class_names_sha256") is var declared && !string.Equals(declared, hash, StringComparison.Ordinal))
        {
            throw new RefusalException(
                $"{path} has class names of SHA-256 {hash[..12]}…, expected {declared[..Math.Min(12, declared.Length)]}… by its metadata; {Again}.");
        }

        string[]? names = null;
        try
        {
            names = JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            // Refused below together with null and empty.
        }

        if (names is not { Length: > 0 } || names.Any(n => n is null))
        {
            throw new RefusalException($"{path} has class_names that are not a JSON array of names, expected one; {Again}.");
        }

        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new RefusalException($"{path} names class '{twice.Key}' {twice.Count()} times, expected once; {Again}.");
        }

        if (!DateTimeOffset.TryParse(Key("created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var created))
        {
            throw new RefusalException($"{path} has the metadata created = '{Key("created")}', expected an ISO 8601 time; {Again}.");
        }

        var metadata = new LogitsMetadata
        {
            Model = Key("model"),
            Run = Key("run"),
            Fold = pairs.ContainsKey("fold") ? (int)Number("fold") : null,
            CheckpointSha256 = pairs.GetValueOrDefault("checkpoint_sha256"),
            ClassNames = ImmutableArray.Create(names),
            Preprocessing = Key("preprocessing"),
            Tta = Key("tta"),
            Seed = Number("seed"),
            Dataset = Key("dataset"),
            Split = Key("split"),
            Created = created,
        };
        return (metadata, Number("rows"), Key("logits_sha256"));
    }

    private static void CheckLists(string path, int firstRow, int classes, int full, ReadOnlySpan<int> definitions, ReadOnlySpan<int> repetitions)
    {
        if (definitions.IndexOfAnyExcept(full) is var missing and >= 0)
        {
            throw new RefusalException($"{path} has a missing logit near row {firstRow + (missing / classes)}, expected {classes} in every row; {Again}.");
        }

        for (var start = 0; start < repetitions.Length; start += classes)
        {
            var list = repetitions.Slice(start, classes);
            var next = list[1..].IndexOf(0);
            if (list[0] != 0 || next >= 0)
            {
                throw new RefusalException(
                    $"{path} has {(list[0] != 0 ? "more than " + classes : next + 1)} logits near row {firstRow + (start / classes)}, expected {classes}; {Again}.");
            }
        }
    }

    private static void CheckRows(LogitsTable table)
    {
        var seen = new HashSet<long>(table.Rows);
        for (var i = 0; i < table.Rows; i++)
        {
            if (!seen.Add(table.Ids[i]))
            {
                throw new RefusalException($"{table.Source} has id {table.Ids[i]} twice, expected once; {Again}.");
            }

            if (table.ImagePaths[i] is null || string.IsNullOrEmpty(table.Statuses[i]))
            {
                throw new RefusalException($"{table.Source} has no image_path or status in the row of id {table.Ids[i]}, expected both; {Again}.");
            }

            if (table.Targets[i] is { } target && (target < 0 || target >= table.Classes))
            {
                throw new RefusalException($"{table.Source} has target {target} in the row of id {table.Ids[i]}, expected 0 to {table.Classes - 1}; {Again}.");
            }
        }

        if (FiniteCheck.IndexOfFault(table.Logits.Span) is var fault and >= 0)
        {
            throw new RefusalException(
                $"{table.Source} has the logit {table.Logits.Span[fault]} for class {table.Metadata.ClassNames[fault % table.Classes]} in the row of id {table.Ids[fault / table.Classes]}, expected finite numbers; predict again without AMP.");
        }
    }

    /// <summary>A library's message within a sentence of ours: on one line, without its full stop.</summary>
    internal static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
