namespace SketchFlow.Data.Files.Parquet;

/// <summary>
/// Limits what is made of a Parquet file by its length. Repetitions cost a writer nothing: a thousand bytes can announce two billion rows, or one text of a
/// megabyte in each of a million rows.
/// </summary>
/// <param name="length">Length of the file in bytes.</param>
internal sealed class ParquetBudget(long length)
{
    private const long SpareRows = 1_000_000;
    private const long RowsPerByte = 8;
    private const long SpareBytes = 256L << 20;
    private const long BytesPerByte = 100;

    private long _left = SpareBytes + (BytesPerByte * length);

    /// <summary>Checks a number of rows.</summary>
    /// <exception cref="InvalidDataException">A file of this length cannot have them.</exception>
    public int CheckRows(long rows) => rows >= 0 && rows <= int.MaxValue && rows <= SpareRows + (RowsPerByte * length)
        ? (int)rows
        : throw new InvalidDataException($"it announces {rows} rows in {length} bytes");

    /// <summary>Counts decoded bytes.</summary>
    /// <exception cref="InvalidDataException">The file decodes to far more than its length.</exception>
    public void Spend(long bytes)
    {
        _left -= bytes;
        if (_left < 0)
        {
            throw new InvalidDataException($"its {length} bytes decode to more than {SpareBytes + (BytesPerByte * length)} bytes");
        }
    }
}
