using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>Reads logits tables, column chunk by column chunk, into flat arrays and checks them.</summary>
/// <remarks>
/// Peak memory is the table plus, per thread, one column chunk before and after decompression (1 MB each in SketchFlow's own tables).
/// Tables of SketchFlow carry the SHA-256 of their file, which is checked before anything is parsed; for others the hash of the logits is checked afterwards.
/// </remarks>
public static class LogitsReader
{
    internal const string RewriteHint = "write it again with sketchflow predict";

    // Levels are read for this many values at a time: 4 bytes each.
    private const int LevelsPerBatch = 1 << 16;

    /// <summary>Reads one table.</summary>
    /// <exception cref="RefusalException">The file is missing, damaged, of another schema, or its rows, ids, class names or logits are invalid.</exception>
    public static LogitsTable Read(string path, LogitsReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new RefusalException($"{path} does not exist, expected a logits table; make it with sketchflow predict.");
        }

        try
        {
            return ReadFile(path, options ?? new LogitsReadOptions());
        }
        catch (OutOfMemoryException e)
        {
            throw new RefusalException($"{path} needs more memory than is available; leave tables out, or {RewriteHint} if it should be small.", e);
        }
        catch (Exception e) when (e is not RefusalException)
        {
            var reason = e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
            throw new RefusalException($"{path} is a damaged Parquet file ({reason}), expected an intact one; {RewriteHint}.", e);
        }
    }

    /// <summary>Reads several tables in parallel; the result has the order of the paths.</summary>
    /// <exception cref="RefusalException">A file is invalid; the first of them, in order, is named.</exception>
    public static LogitsTable[] Read(IReadOnlyList<string> paths, LogitsReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new LogitsReadOptions();
        var tables = new LogitsTable[paths.Count];
        var refusals = new RefusalException?[paths.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Workers > 0 ? options.Workers : Environment.ProcessorCount };
        Parallel.For(0, paths.Count, parallel, i =>
        {
            try
            {
                tables[i] = Read(paths[i], options);
            }
            catch (RefusalException e)
            {
                refusals[i] = e;
            }
        });
        return refusals.FirstOrDefault(r => r is not null) is { } refusal ? throw new RefusalException(refusal.Message, refusal) : tables;
    }

    private static LogitsTable ReadFile(string path, LogitsReadOptions options)
    {
        var (carriesHash, fileSha) = CheckFile(path, options.HashFiles);
        using var file = ParquetFile.Open(path);
        CheckSchema(path, file);
        var declared = new LogitsMetadataReader(path, file.Metadata).Read();
        var rows = CheckSize(path, file, declared);
        var classes = declared.Metadata.ClassNames.Length;
        var logits = options.Arena.Allocate<float>(rows * classes);
        var table = new LogitsTable(path, declared.Metadata, new long[rows], new string[rows], new int?[rows], new string[rows], logits)
        {
            FileSha256 = fileSha,
        };
        var first = 0;
        for (var g = 0; g < file.RowGroups; g++)
        {
            first += ReadRowGroup(file, g, table, first);
        }

        CheckRows(table);
        if (!carriesHash)
        {
            CheckLogitsHash(table, declared.LogitsSha256);
        }

        return table;
    }

    /// <summary>Checks both ends of the file and the hash that it carries.</summary>
    private static (bool CarriesHash, string? Sha256) CheckFile(string path, bool hash)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 12);
        Span<byte> magic = stackalloc byte[4];
        Span<byte> tail = stackalloc byte[8];
        if (stream.Length < 12 || stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || !magic.SequenceEqual("PAR1"u8))
        {
            throw new RefusalException($"{path} is not a Parquet file ({stream.Length} bytes, no PAR1 at its start), expected a logits table; {RewriteHint}.");
        }

        stream.Seek(-8, SeekOrigin.End);
        stream.ReadExactly(tail);
        var footer = BitConverter.ToInt32(tail);
        return tail[4..].SequenceEqual("PAR1"u8) && footer > 0 && footer <= stream.Length - 12
            ? FileChecksum.Check(stream, path, hash)
            : throw new RefusalException($"{path} is truncated: its {stream.Length} bytes do not end with a Parquet footer, expected one; {RewriteHint}.");
    }

    private static void CheckSchema(string path, ParquetFile file)
    {
        var fits = file.Columns.Length == LogitsSchema.Columns.Length && file.Columns.Zip(LogitsSchema.Columns).All(pair =>
            string.Equals(pair.First.Name, pair.Second.Name, StringComparison.Ordinal) && pair.First.Type == pair.Second.Type
            && pair.First.MaxRepetition == (pair.Second.Repetition == ParquetRepetition.List ? 1 : 0));
        if (!fits)
        {
            throw new RefusalException(
                $"{path} has the columns {string.Join(", ", file.Columns.Select(c => $"{c.Name} {c.Type}"))}, "
                + "expected id Int64, image_path String, target Int32, status String, logits list of Single; "
                + "import tables of other tools with sketchflow logits import.");
        }
    }

    private static int CheckSize(string path, ParquetFile file, DeclaredMetadata declared)
    {
        var classes = declared.Metadata.ClassNames.Length;
        var total = Enumerable.Range(0, file.RowGroups).Sum(g => (long)file.RowsIn(g));
        if (total != declared.Rows || total != file.Rows)
        {
            throw new RefusalException($"{path} holds {total} rows in its row groups, expected {declared.Rows} by its metadata; {RewriteHint}.");
        }

        if (total == 0)
        {
            throw new RefusalException($"{path} holds 0 rows, expected at least 1; {RewriteHint}.");
        }

        return total * classes <= Array.MaxLength
            ? (int)total
            : throw new RefusalException(
                $"{path} holds {total} × {classes} logits, expected at most {Array.MaxLength} in one table; split its rows over several tables.");
    }

    /// <summary>Reads one row group into the rows of the table from <paramref name="first"/> on, and returns their number.</summary>
    private static int ReadRowGroup(ParquetFile file, int group, LogitsTable table, int first)
    {
        var rows = file.RowsIn(group);
        ReadIds(file, group, table, first, rows);
        var targets = file.ReadIntegers(group, file.Columns[2]);
        var (paths, statuses) = (file.ReadTexts(group, file.Columns[1]), file.ReadTexts(group, file.Columns[3], LogitsTable.Ok));
        for (var i = 0; i < rows; i++)
        {
            (table.ImagePaths[first + i], table.Statuses[first + i], table.Targets[first + i]) = (paths[i]!, statuses[i]!, (int?)targets[i]);
        }

        ReadLogits(file, group, table, first, rows);
        return rows;
    }

    private static void ReadIds(ParquetFile file, int group, LogitsTable table, int first, int rows)
    {
        var (column, levels) = (file.Columns[0], new short[rows]);
        using var ids = file.OpenChunk<long>(group, column);
        ids.ReadNumbers(table.Ids.AsSpan(first, rows), levels, []);
        if (levels.AsSpan().IndexOfAnyExcept((short)column.MaxDefinition) is var missing and >= 0)
        {
            throw new RefusalException($"{table.Source} has no id in row {first + missing}, expected one in every row; {RewriteHint}.");
        }
    }

    private static void ReadLogits(ParquetFile file, int group, LogitsTable table, int first, int rows)
    {
        var (column, classes) = (file.Columns[4], table.Classes);
        var found = file.ValuesIn(group, column);
        if (found != (long)rows * classes)
        {
            throw new RefusalException(
                $"{table.Source} holds {found} logits in the {rows} rows from row {first} on, "
                + $"expected {(long)rows * classes} ({classes} per row); {RewriteHint}.");
        }

        var rowsPerBatch = Math.Min(rows, Math.Max(1, LevelsPerBatch / classes));
        var (definitions, repetitions) = (new short[rowsPerBatch * classes], new short[rowsPerBatch * classes]);
        using var chunk = file.OpenChunk<float>(group, column);
        for (var row = 0; row < rows; row += rowsPerBatch)
        {
            var values = Math.Min(rowsPerBatch, rows - row) * classes;
            var logits = table.Logits.Span.Slice((first + row) * classes, values);
            chunk.ReadNumbers(logits, definitions.AsSpan(0, values), repetitions.AsSpan(0, values));
            CheckLists(table, first + row, column.MaxDefinition, definitions.AsSpan(0, values), repetitions.AsSpan(0, values));
        }
    }

    /// <summary>Checks that every list is present and as long as there are classes.</summary>
    private static void CheckLists(LogitsTable table, int firstRow, int present, ReadOnlySpan<short> definitions, ReadOnlySpan<short> repetitions)
    {
        var classes = table.Classes;
        if (definitions.IndexOfAnyExcept((short)present) is var missing and >= 0)
        {
            throw new RefusalException(
                $"{table.Source} has a missing logit near row {firstRow + (missing / classes)}, expected {classes} in every row; {RewriteHint}.");
        }

        for (var start = 0; start < repetitions.Length; start += classes)
        {
            var list = repetitions.Slice(start, classes);
            var next = list[1..].IndexOf((short)0);
            if (list[0] != 0 || next >= 0)
            {
                var length = list[0] != 0 ? $"more than {classes}" : $"{next + 1}";
                throw new RefusalException($"{table.Source} has {length} logits near row {firstRow + (start / classes)}, expected {classes}; {RewriteHint}.");
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
                throw new RefusalException($"{table.Source} has id {table.Ids[i]} twice, expected once; {RewriteHint}.");
            }

            if (table.ImagePaths[i] is null || string.IsNullOrEmpty(table.Statuses[i]))
            {
                throw new RefusalException($"{table.Source} has no image_path or status in the row of id {table.Ids[i]}, expected both; {RewriteHint}.");
            }

            if (table.Targets[i] is { } target && (target < 0 || target >= table.Classes))
            {
                throw new RefusalException(
                    $"{table.Source} has target {target} in the row of id {table.Ids[i]}, expected 0 to {table.Classes - 1}; {RewriteHint}.");
            }
        }

        if (FiniteCheck.IndexOfFault(table.Logits.Span) is var fault and >= 0)
        {
            throw new RefusalException(
                $"{table.Source} has the logit {table.Logits.Span[fault]} for class {table.Metadata.ClassNames[fault % table.Classes]} "
                + $"in the row of id {table.Ids[fault / table.Classes]}, expected finite numbers; predict again without AMP.");
        }
    }

    private static void CheckLogitsHash(LogitsTable table, string declared)
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(table.Logits.Span)));
        if (!string.Equals(actual, declared, StringComparison.Ordinal))
        {
            throw new RefusalException(
                $"{table.Source} holds logits of SHA-256 {actual[..12]}…, "
                + $"expected {declared[..Math.Min(12, declared.Length)]}… by its metadata; {RewriteHint}.");
        }
    }
}
