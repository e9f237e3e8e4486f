using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SketchFlow.Data.Files;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>
/// Writes one logits table as its rows arrive, a row group at a time, into a temporary file in the same folder. <see cref="Complete"/> reads that file back,
/// flushes it to disk and renames it; disposing without completing leaves nothing.
/// </summary>
/// <remarks>Not thread-safe; rows arrive in any order. File writes block, which suits the ends of flows.</remarks>
public sealed class LogitsWriter : IDisposable
{
    private readonly LogitsMetadata _metadata;
    private readonly string _path;
    private readonly string _temporary;
    private readonly int _classes;
    private readonly int _rowsPerGroup;
    private readonly ParquetTableWriter _writer;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashSet<long> _seen = [];
    private readonly long[] _ids;
    private readonly string[] _paths;
    private readonly int?[] _targets;
    private readonly string[] _statuses;
    private readonly float[] _logits;
    private readonly short[] _repetitions;
    private readonly short[] _definitions;
    private int _buffered;
    private bool _closed;

    /// <summary>Starts a table at <paramref name="path"/> and creates its folder if needed.</summary>
    /// <param name="path">The final file, usually <see cref="LogitsMetadata.PathBelow"/>.</param>
    /// <param name="metadata">The file's key-value metadata.</param>
    /// <exception cref="ArgumentException">There are no class names, or one occurs twice.</exception>
    public LogitsWriter(string path, LogitsMetadata metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(metadata);
        if (metadata.ClassNames.IsDefaultOrEmpty || metadata.ClassNames.Distinct(StringComparer.Ordinal).Count() != metadata.ClassNames.Length)
        {
            throw new ArgumentException("A logits table needs class names, each once.", nameof(metadata));
        }

        _metadata = metadata;
        _classes = metadata.ClassNames.Length;
        _path = Path.GetFullPath(path);
        _temporary = DeadTemporaries.NameFor(_path);
        _rowsPerGroup = LogitsSchema.RowsPerGroup(_classes);
        _ids = new long[_rowsPerGroup];
        _paths = new string[_rowsPerGroup];
        _targets = new int?[_rowsPerGroup];
        _statuses = new string[_rowsPerGroup];
        _logits = new float[_rowsPerGroup * _classes];
        // Every list is present and full: a new row starts where the repetition level is 0.
        _repetitions = new short[_logits.Length];
        Array.Fill(_repetitions, (short)1);
        for (var i = 0; i < _repetitions.Length; i += _classes)
        {
            _repetitions[i] = 0;
        }

        _definitions = new short[_logits.Length];
        Array.Fill(_definitions, (short)2);

        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _writer = new ParquetTableWriter(_temporary, LogitsSchema.Columns);
    }

    /// <summary>Number of rows appended so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Appends a predicted row.</summary>
    /// <param name="id">Row number in the data set's table.</param>
    /// <param name="imagePath">The path as the data set writes it.</param>
    /// <param name="target">Class number, or null if unknown.</param>
    /// <param name="logits">float32, (classes); copied.</param>
    /// <exception cref="ArgumentException">
    /// The number of logits is not the number of classes, the target is out of range, or the id was appended before.
    /// </exception>
    /// <exception cref="RefusalException">A logit is not finite.</exception>
    public void Append(long id, string imagePath, int? target, ReadOnlySpan<float> logits)
    {
        if (logits.Length != _classes)
        {
            throw new ArgumentException($"Row {id} has {logits.Length} logits; the table has {_classes} classes.", nameof(logits));
        }

        if (FiniteCheck.IndexOfFault(logits) is var fault and >= 0)
        {
            throw new RefusalException(
                $"{_metadata.Name} gave row {id} ({imagePath}) the logit {logits[fault]} for class {_metadata.ClassNames[fault]}, expected finite numbers; "
                + "predict again without AMP, or train again at a lower learning rate.");
        }

        logits.CopyTo(_logits.AsSpan(_buffered * _classes));
        AppendRow(id, imagePath, target, LogitsTable.Ok);
    }

    /// <summary>Appends a row whose image could not be used: its status is the reason and its logits are all zero (uniform).</summary>
    /// <param name="rejected">Id, path and reason.</param>
    /// <param name="target">Class number, or null if unknown.</param>
    /// <exception cref="ArgumentException">The reason is empty or <c>ok</c>, the target is out of range, or the id was appended before.</exception>
    public void Append(Rejected rejected, int? target)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        if (rejected.Reason is "" or LogitsTable.Ok)
        {
            throw new ArgumentException($"A rejection needs a reason other than '{rejected.Reason}'.", nameof(rejected));
        }

        _logits.AsSpan(_buffered * _classes, _classes).Clear();
        AppendRow(rejected.Id, rejected.Path, target, rejected.Reason);
    }

    /// <summary>Finishes the file, reads it back, flushes it to disk and renames it.</summary>
    /// <returns>The table as read back.</returns>
    /// <exception cref="InvalidOperationException">No row was appended, or the writer is closed.</exception>
    /// <exception cref="RefusalException">The file read back is not an intact table.</exception>
    public LogitsTable Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (Rows == 0)
        {
            throw new InvalidOperationException($"No row was appended to {_path}.");
        }

        WriteGroup();
        var pairs = _metadata.ToKeyValues();
        pairs["rows"] = Rows.ToString(CultureInfo.InvariantCulture);
        pairs["logits_sha256"] = Convert.ToHexStringLower(_hash.GetHashAndReset());
        pairs[FileChecksum.Key] = FileChecksum.Blank;
        _closed = true;
        try
        {
            _writer.Complete(pairs);
            _writer.Dispose();
            using (var stream = new FileStream(_temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 16))
            {
                FileChecksum.Write(stream);
                stream.Flush(flushToDisk: true);
            }

            var table = LogitsReader.Read(_temporary);
            File.Move(_temporary, _path, overwrite: true);
            return table with { Source = _path };
        }
        catch
        {
            Discard();
            throw;
        }
        finally
        {
            _hash.Dispose();
        }
    }

    /// <summary>Removes what was written unless <see cref="Complete"/> was called.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _hash.Dispose();
        Discard();
    }

    private void Discard()
    {
        _writer.Dispose();
        File.Delete(_temporary);
    }

    private void AppendRow(long id, string imagePath, int? target, string status)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentNullException.ThrowIfNull(imagePath);
        if (target is { } t && (t < 0 || t >= _classes))
        {
            throw new ArgumentOutOfRangeException(nameof(target), t, $"Row {id} has a target outside 0 to {_classes - 1}.");
        }

        if (!_seen.Add(id))
        {
            throw new ArgumentException($"Row {id} ({imagePath}) was appended twice.", nameof(id));
        }

        (_ids[_buffered], _paths[_buffered], _targets[_buffered], _statuses[_buffered]) = (id, imagePath, target, status);
        _buffered++;
        Rows++;
        if (_buffered == _rowsPerGroup)
        {
            WriteGroup();
        }
    }

    private void WriteGroup()
    {
        if (_buffered == 0)
        {
            return;
        }

        var (n, values) = (_buffered, _buffered * _classes);
        _hash.AppendData(MemoryMarshal.AsBytes(_logits.AsSpan(0, values)));
        _writer.BeginRowGroup(n);
        _writer.WriteNumbers<long>(_ids.AsSpan(0, n));
        _writer.WriteTexts(_paths.AsSpan(0, n));
        _writer.WriteOptionalNumbers<int>(_targets.AsSpan(0, n));
        _writer.WriteTexts(_statuses.AsSpan(0, n));
        _writer.WriteLists<float>(_logits.AsSpan(0, values), _definitions.AsSpan(0, values), _repetitions.AsSpan(0, values));
        _writer.EndRowGroup();
        _buffered = 0;
    }
}
