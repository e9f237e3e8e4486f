namespace SketchFlow.Data.Files.Parquet;

/// <summary>
/// Limits the number of decoded rows and bytes of a Parquet file by the file's length. Repetitions cost a writer nothing: a thousand bytes can announce two
/// billion rows, or one text of a megabyte in each of a million rows.
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
        CheckBytes(bytes);
        _left -= bytes;
    }

    /// <summary>Checks a number of bytes that a part of the file announces, without counting them.</summary>
    /// <exception cref="InvalidDataException">The number is negative, or the file would decode to far more than its length.</exception>
    public void CheckBytes(long bytes)
    {
        if (bytes < 0 || bytes > _left)
        {
            throw new InvalidDataException($"its {length} bytes decode to more than {SpareBytes + (BytesPerByte * length)} bytes");
        }
    }
}
