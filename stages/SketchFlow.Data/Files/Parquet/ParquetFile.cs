using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ParquetSharp;

namespace SketchFlow.Data.Files.Parquet;

/// <summary>An open Parquet file that is read by column chunks. Any defect of the file is an <see cref="InvalidDataException"/>.</summary>
/// <remarks>
/// All Parquet files are read here, those of SketchFlow and those of other writers, through ParquetSharp (Arrow C++). Parquet.Net 6.1, used before, never
/// returned from some damaged files and needed 600 lines of checks in front of it. 50,000 damaged copies of five files gave no crash, no hang and no process
/// above 140 MB with ParquetSharp (docs/measurements/libraries.md). Only the physical readers are used: the logical ones compile expression trees, which
/// doubled the time and took 12 MB more for 12 tables of 3,000 × 500.
/// </remarks>
public sealed partial class ParquetFile : IDisposable
{
    private readonly ParquetFileReader _reader;
    private readonly ParquetBudget _budget;
    private readonly ParquetPages _pages;

    private ParquetFile(ParquetFileReader reader, ParquetBudget budget, ParquetPages pages)
    {
        (_reader, _budget, _pages) = (reader, budget, pages);
        var metadata = reader.FileMetaData;
        Metadata = metadata.KeyValueMetadata is { } pairs ? pairs.ToImmutableDictionary(StringComparer.Ordinal) : [];
        Rows = budget.CheckRows(metadata.NumRows);
        RowGroups = metadata.NumRowGroups;
        Columns = [.. Enumerable.Range(0, metadata.NumColumns).Select(i => Describe(i, metadata.Schema.Column(i)))];
    }

    /// <summary>Key-value metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Leaf columns.</summary>
    public ImmutableArray<ParquetColumn> Columns { get; }

    /// <summary>Number of rows according to the footer.</summary>
    public long Rows { get; }

    /// <summary>Number of row groups.</summary>
    public int RowGroups { get; }

    /// <summary>Opens a file and reads its footer.</summary>
    /// <exception cref="InvalidDataException">The footer is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static ParquetFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ParquetFileReader? reader = null;
        try
        {
            reader = new ParquetFileReader(path);
            return new ParquetFile(reader, new ParquetBudget(new FileInfo(path).Length), new ParquetPages(path));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            reader?.Dispose();
            // A file that cannot be opened at all is an IOException with .NET's message, which names it; the native one is a damaged file's.
            using (File.OpenRead(path))
            {
                throw Damaged(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    /// <summary>Returns the number of rows in a row group.</summary>
    /// <exception cref="InvalidDataException">The number is negative, or larger than a file of this length can have.</exception>
    public int RowsIn(int rowGroup)
    {
        try
        {
            using var group = _reader.RowGroup(rowGroup);
            return _budget.CheckRows(group.MetaData.NumRows);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Damaged(e);
        }
    }

    /// <summary>Returns the number of values in a column chunk, missing ones included.</summary>
    /// <exception cref="InvalidDataException">The metadata of the chunk are damaged.</exception>
    public long ValuesIn(int rowGroup, ParquetColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        try
        {
            using var group = _reader.RowGroup(rowGroup);
            using var chunk = group.MetaData.GetColumnChunkMetaData(column.Index);
            return chunk.NumValues;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Damaged(e);
        }
    }

    /// <summary>Opens a column chunk of numbers.</summary>
    /// <typeparam name="T">int, long, float or double, as the column is stored.</typeparam>
    /// <exception cref="InvalidDataException">The chunk is damaged or of another type.</exception>
    public ParquetChunk<T> OpenChunk<T>(int rowGroup, ParquetColumn column)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(column);
        RowGroupReader? group = null;
        ColumnReader? reader = null;
        try
        {
            group = _reader.RowGroup(rowGroup);
            using (var chunk = group.MetaData.GetColumnChunkMetaData(column.Index))
            {
                _budget.CheckBytes(chunk.TotalUncompressedSize);
            }

            _budget.CheckBytes(_pages.DecompressedBytes(rowGroup, column.Index));

            reader = group.Column(column.Index);
            return reader is ColumnReader<T> typed
                ? new ParquetChunk<T>(group, typed, column)
                : throw new InvalidDataException($"column {column.Path} is stored as {reader.ElementType.Name}, not as {typeof(T).Name}");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            reader?.Dispose();
            group?.Dispose();
            throw Damaged(e);
        }
    }

    /// <summary>Reads a column of integers of any width; a missing value is null.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, holds no integers or is a list.</exception>
    public long?[] ReadIntegers(int rowGroup, ParquetColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.Type switch
        {
            ParquetColumnType.Int32 => ReadOptional<int, long>(rowGroup, column, v => v),
            ParquetColumnType.UInt32 => ReadOptional<int, long>(rowGroup, column, v => unchecked((uint)v)),
            ParquetColumnType.Int64 => ReadOptional<long, long>(rowGroup, column, v => v),
            ParquetColumnType.UInt64 => ReadOptional<long, long>(rowGroup, column, v => v >= 0 ? v : long.MaxValue),
            _ => throw new InvalidDataException($"column {column.Path} is of type {column.Type}, not a column of integers"),
        };
    }

    /// <summary>Reads a column of integers of any width and sign, without a limit; a missing value is null.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, holds no integers or is a list.</exception>
    public Int128?[] ReadExactIntegers(int rowGroup, ParquetColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.Type == ParquetColumnType.UInt64
            ? ReadOptional<long, Int128>(rowGroup, column, v => unchecked((ulong)v))
            : [.. ReadIntegers(rowGroup, column).Select(v => (Int128?)v)];
    }

    /// <summary>Reads a column of text; a missing text is null. Repetitions of <paramref name="usual"/> share that one string.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, holds no text or is a list.</exception>
    public string?[] ReadTexts(int rowGroup, ParquetColumn column, string usual = "")
    {
        var shared = System.Text.Encoding.UTF8.GetBytes(usual);
        return ReadBytes(rowGroup, column, bytes => bytes.SequenceEqual(shared) ? usual : System.Text.Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Reads a column of byte strings; a missing one is null.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, holds no byte strings or is a list.</exception>
    public byte[]?[] ReadBytes(int rowGroup, ParquetColumn column) => ReadBytes(rowGroup, column, bytes => bytes.ToArray());

    /// <summary>Visits the byte strings of a column one after the other, so that only one page is in memory.</summary>
    /// <param name="rowGroup">Row group.</param>
    /// <param name="column">Column of bytes or text.</param>
    /// <param name="visit">Receives whether a value is present, and its bytes, which are valid during the call only.</param>
    /// <exception cref="InvalidDataException">The chunk is damaged, holds no byte strings or is a list.</exception>
    public unsafe void VisitBytes(int rowGroup, ParquetColumn column, ParquetBytesVisitor visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        VisitRows<ByteArray>(rowGroup, column, (isPresent, value) =>
        {
            _budget.Spend(isPresent ? value.Length : 0);
            visit(isPresent, isPresent ? new ReadOnlySpan<byte>((void*)value.Pointer, value.Length) : []);
        });
    }

    internal static InvalidDataException Damaged(Exception e) => e as InvalidDataException ?? new InvalidDataException(OneLine(e.Message), e);

    private delegate TResult FromBytes<out TResult>(ReadOnlySpan<byte> bytes);

    private TResult?[] ReadBytes<TResult>(int rowGroup, ParquetColumn column, FromBytes<TResult> convert)
        where TResult : class
    {
        var result = new List<TResult?>();
        VisitBytes(rowGroup, column, (isPresent, bytes) => result.Add(isPresent ? convert(bytes) : null));
        return [.. result];
    }

    private TResult?[] ReadOptional<T, TResult>(int rowGroup, ParquetColumn column, Func<T, TResult> convert)
        where T : unmanaged
        where TResult : struct
    {
        var result = new List<TResult?>();
        VisitRows<T>(rowGroup, column, (isPresent, value) => result.Add(isPresent ? convert(value) : null));
        return [.. result];
    }

    /// <summary>Reads a column outside lists value by value, so that a wrong number of rows cannot exhaust memory.</summary>
    private void VisitRows<T>(int rowGroup, ParquetColumn column, Action<bool, T> visit)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.MaxRepetition > 0)
        {
            throw new InvalidDataException($"column {column.Path} is a list, expected one value per row");
        }

        var rows = RowsIn(rowGroup);
        using var chunk = OpenChunk<T>(rowGroup, column);
        var (values, definitions) = (new T[Math.Min(rows, 1024)], new short[Math.Min(rows, 1024)]);
        for (var done = 0; done < rows;)
        {
            var levels = chunk.ReadBatch(values.AsSpan(0, Math.Min(values.Length, rows - done)), definitions, [], out _);
            var next = 0;
            foreach (var level in definitions.AsSpan(0, levels))
            {
                var isPresent = level == column.MaxDefinition;
                visit(isPresent, isPresent ? values[next++] : default);
            }

            done += levels;
        }
    }

    private static ParquetColumn Describe(int index, ColumnDescriptor descriptor)
    {
        using var path = descriptor.Path;
        using var logical = descriptor.LogicalType;
        var type = (descriptor.PhysicalType, logical.Type) switch
        {
            (PhysicalType.Int32, LogicalTypeEnum.None) => ParquetColumnType.Int32,
            (PhysicalType.Int64, LogicalTypeEnum.None) => ParquetColumnType.Int64,
            (PhysicalType.Int32, LogicalTypeEnum.Int) => ((IntLogicalType)logical).IsSigned ? ParquetColumnType.Int32 : ParquetColumnType.UInt32,
            (PhysicalType.Int64, LogicalTypeEnum.Int) => ((IntLogicalType)logical).IsSigned ? ParquetColumnType.Int64 : ParquetColumnType.UInt64,
            (PhysicalType.Float, LogicalTypeEnum.None) => ParquetColumnType.Single,
            (PhysicalType.Double, LogicalTypeEnum.None) => ParquetColumnType.Double,
            (PhysicalType.ByteArray, LogicalTypeEnum.String or LogicalTypeEnum.Enum or LogicalTypeEnum.Json) => ParquetColumnType.String,
            (PhysicalType.ByteArray, LogicalTypeEnum.None or LogicalTypeEnum.Bson) => ParquetColumnType.Bytes,
            _ => ParquetColumnType.Other,
        };
        return new ParquetColumn(index, path.ToDotString(), type, descriptor.MaxDefinitionLevel, descriptor.MaxRepetitionLevel);
    }

    /// <summary>Extracts the text of a native exception, on one line: a damaged file may put control characters into it.</summary>
    private static string OneLine(string message)
    {
        // ParquetSharp writes: N7parquet16ParquetExceptionE (message: 'Invalid page header')
        const string Start = "(message: '";
        var line = message.ReplaceLineEndings("\n").Split('\n')[0];
        line = line.IndexOf(Start, StringComparison.Ordinal) is >= 0 and var at ? line[(at + Start.Length)..] : line;
        // Of a type that it does not know, it writes: Specified argument was out of the range of valid values. (Parameter 'unknown logical type Undefined')
        const string Parameter = "(Parameter '";
        line = line.IndexOf(Parameter, StringComparison.Ordinal) is >= 0 and var named ? line[(named + Parameter.Length)..] : line;
        // Thrift's own type is in its text: TProtocolException: Exceeded size limit
        line = ExceptionName().Replace(line, "");
        line = string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c)).Trim().TrimEnd(')', '\'', '.', ' ');
        return line.Length switch
        {
            0 => "no reason was given",
            > 200 => line[..200] + "…",
            _ => line,
        };
    }

    [GeneratedRegex(@"\w+Exception:\s*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExceptionName();
}
