using ParquetSharp;

namespace SketchFlow.Data.Files.Parquet;

/// <summary>An open column chunk, read from its start to its end in batches.</summary>
/// <typeparam name="T">Stored type of the values.</typeparam>
public sealed class ParquetChunk<T> : IDisposable
    where T : unmanaged
{
    private readonly RowGroupReader _group;
    private readonly ColumnReader<T> _reader;
    private readonly ParquetColumn _column;

    internal ParquetChunk(RowGroupReader group, ColumnReader<T> reader, ParquetColumn column) => (_group, _reader, _column) = (group, reader, column);

    /// <summary>Reads the next values with their levels, at most to the end of the current page.</summary>
    /// <param name="values">Receives the present values without gaps, from its start. Byte strings point into the page, which the next batch may
    /// free.</param>
    /// <param name="definitions">Receives the definition levels, <see cref="ParquetColumn.MaxDefinition"/> for a present value; at least as long as
    /// <paramref name="values"/>.</param>
    /// <param name="repetitions">Receives the repetition levels, 0 at the first value of each row; as long as <paramref name="values"/>, or empty for
    /// a column outside lists.</param>
    /// <param name="present">Number of values that are present.</param>
    /// <returns>Number of levels read, at least 1.</returns>
    /// <exception cref="InvalidDataException">The chunk is damaged or has no more values.</exception>
    public int ReadBatch(Span<T> values, Span<short> definitions, Span<short> repetitions, out int present)
    {
        try
        {
            var levels = _reader.ReadBatch(values.Length, definitions, repetitions, values, out var read);
            if (levels <= 0 || levels > values.Length || read < 0 || read > levels)
            {
                throw new InvalidDataException($"column {_column.Path} ends before its rows do");
            }

            if (_column.MaxDefinition == 0)
            {
                definitions[..(int)levels].Clear();
            }

            present = (int)read;
            return (int)levels;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw ParquetFile.Damaged(e);
        }
    }

    /// <summary>Reads numbers until <paramref name="definitions"/> is full, over as many pages as needed.</summary>
    /// <param name="values">Filled from its start with the values that are present; as long as <paramref name="definitions"/>.</param>
    /// <param name="definitions">Definition levels.</param>
    /// <param name="repetitions">Repetition levels; as long as <paramref name="definitions"/>, or empty for a column outside lists.</param>
    /// <exception cref="InvalidDataException">The chunk is damaged or ends before.</exception>
    public void ReadNumbers(Span<T> values, Span<short> definitions, Span<short> repetitions)
    {
        var filled = 0;
        for (var done = 0; done < definitions.Length;)
        {
            var left = definitions.Length - done;
            done += ReadBatch(values.Slice(filled, left), definitions[done..], repetitions.IsEmpty ? [] : repetitions[done..], out var present);
            filled += present;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _group.Dispose();
    }
}
