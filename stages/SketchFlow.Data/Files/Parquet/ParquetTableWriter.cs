using ParquetSharp;
using ParquetSharp.Schema;

namespace SketchFlow.Data.Files.Parquet;

/// <summary>Writes a Parquet file one row group at a time, its columns in their order: plain values, Snappy, pages of version 1.</summary>
/// <remarks>Not thread-safe. The footer is written by <see cref="Complete"/>; a file that was not completed is not readable.</remarks>
public sealed class ParquetTableWriter : IDisposable
{
    private readonly (string Name, ParquetColumnType Type, ParquetRepetition Repetition)[] _columns;
    // ParquetSharp reads the pairs when the file is closed.
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly ParquetFileWriter _writer;
    private RowGroupWriter? _group;
    private int _rows;

    /// <summary>Creates the file.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="columns">Names, types and repetitions.</param>
    public ParquetTableWriter(string path, IReadOnlyList<(string Name, ParquetColumnType Type, ParquetRepetition Repetition)> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _columns = [.. columns];
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Compression(Compression.Snappy).DisableDictionary().Version(ParquetVersion.PARQUET_1_0).Build();
        Node[] nodes = [.. _columns.Select(c => NodeFor(c.Name, c.Type, c.Repetition))];
        using var root = new GroupNode("root", Repetition.Required, nodes);
        _writer = new ParquetFileWriter(path, root, properties, _metadata);
        foreach (var node in nodes)
        {
            node.Dispose();
        }
    }

    /// <summary>Starts a row group.</summary>
    public void BeginRowGroup(int rows) => (_group, _rows) = (_writer.AppendRowGroup(), rows);

    /// <summary>Writes the next column of the row group: one number per row.</summary>
    public void WriteNumbers<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using var column = NextColumn<T>(values.Length, ParquetRepetition.Required);
        column.WriteBatch(values);
    }

    /// <summary>Writes the next column of the row group: one number or none per row.</summary>
    public void WriteOptionalNumbers<T>(ReadOnlySpan<T?> values)
        where T : unmanaged
    {
        using var column = NextColumn<T>(values.Length, ParquetRepetition.Optional);
        var (levels, present, next) = (new short[values.Length], new T[values.Length], 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                levels[i] = 1;
                present[next++] = value;
            }
        }

        column.WriteBatch(values.Length, levels, [], present.AsSpan(0, next));
    }

    /// <summary>Writes the next column of the row group: one text per row.</summary>
    public unsafe void WriteTexts(ReadOnlySpan<string> values)
    {
        using var column = NextColumn<ByteArray>(values.Length, ParquetRepetition.Required);
        var total = 0;
        foreach (var value in values)
        {
            total = checked(total + System.Text.Encoding.UTF8.GetByteCount(value));
        }

        var (bytes, texts) = (new byte[Math.Max(1, total)], new ByteArray[values.Length]);
        fixed (byte* start = bytes)
        {
            var at = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var length = System.Text.Encoding.UTF8.GetBytes(values[i], bytes.AsSpan(at));
                texts[i] = new ByteArray((nint)(start + at), length);
                at += length;
            }

            column.WriteBatch(texts);
        }
    }

    /// <summary>Writes the next column of the row group: lists of one length.</summary>
    /// <param name="values">Rows × length, row by row.</param>
    /// <param name="definitions">Definition levels: 2 for each value.</param>
    /// <param name="repetitions">Repetition levels: 0 at the first value of each row, 1 at the others.</param>
    public void WriteLists<T>(ReadOnlySpan<T> values, ReadOnlySpan<short> definitions, ReadOnlySpan<short> repetitions)
        where T : unmanaged
    {
        using var column = NextColumn<T>(_rows, ParquetRepetition.List);
        column.WriteBatch(values.Length, definitions, repetitions, values);
    }

    /// <summary>Ends the row group.</summary>
    /// <exception cref="InvalidOperationException">A column is missing.</exception>
    public void EndRowGroup()
    {
        var group = _group ?? throw new InvalidOperationException("No row group was started.");
        if (group.CurrentColumn + 1 != _columns.Length)
        {
            throw new InvalidOperationException($"The row group has {group.CurrentColumn + 1} columns, expected {_columns.Length}.");
        }

        group.Dispose();
        _group = null;
    }

    /// <summary>Writes the footer with these key-value metadata and closes the file.</summary>
    public void Complete(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        foreach (var (key, value) in metadata)
        {
            _metadata[key] = value;
        }

        _writer.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _group?.Dispose();
        _writer.Dispose();
    }

    private ColumnWriter<T> NextColumn<T>(int rows, ParquetRepetition repetition)
        where T : unmanaged
    {
        var group = _group ?? throw new InvalidOperationException("No row group was started.");
        var writer = group.NextColumn();
        var (name, type, expected) = _columns[group.CurrentColumn];
        if (writer is ColumnWriter<T> column && repetition == expected && rows == _rows)
        {
            return column;
        }

        writer.Dispose();
        throw new InvalidOperationException($"Column {name} got {rows} rows ({repetition}, {typeof(T).Name}), expected {_rows} ({expected}, {type}).");
    }

    private static Node NodeFor(string name, ParquetColumnType type, ParquetRepetition repetition)
    {
        if (repetition == ParquetRepetition.List)
        {
            using var element = NodeFor("element", type, ParquetRepetition.Required);
            using var list = new GroupNode("list", Repetition.Repeated, [element]);
            using var lists = LogicalType.List();
            return new GroupNode(name, Repetition.Optional, [list], lists);
        }

        var (logical, physical) = type switch
        {
            ParquetColumnType.Int32 => (LogicalType.Int(32, isSigned: true), PhysicalType.Int32),
            ParquetColumnType.Int64 => (LogicalType.Int(64, isSigned: true), PhysicalType.Int64),
            ParquetColumnType.Single => (LogicalType.None(), PhysicalType.Float),
            ParquetColumnType.Double => (LogicalType.None(), PhysicalType.Double),
            ParquetColumnType.String => (LogicalType.String(), PhysicalType.ByteArray),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, $"Column {name} has a type that is not written."),
        };
        using (logical)
        {
            return new PrimitiveNode(name, repetition == ParquetRepetition.Required ? Repetition.Required : Repetition.Optional, logical, physical, -1);
        }
    }
}
