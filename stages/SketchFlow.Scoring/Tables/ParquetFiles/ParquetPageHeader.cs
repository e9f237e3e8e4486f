using Microsoft.Win32.SafeHandles;
using Parquet.Meta;

namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>The header of a Parquet page (parquet.thrift's PageHeader), as far as a reader must know it before it trusts the page.</summary>
/// <param name="Type">Data of version 1 or 2, or a dictionary.</param>
/// <param name="Length">Bytes of the header itself.</param>
/// <param name="Uncompressed">Bytes of the page's content, 0 or more.</param>
/// <param name="Compressed">Bytes of the content in the file, 0 or more.</param>
/// <param name="Values">Values in the page, 0 or more.</param>
/// <param name="Encoding">How the values are written.</param>
/// <param name="RunLengthLevels">Levels are written as runs, not bit-packed the old way.</param>
internal readonly record struct ParquetPageHeader(PageType Type, int Length, int Uncompressed, int Compressed, int Values, Encoding Encoding, bool RunLengthLevels)
{
    // Statistics of long strings make a header longer than its few numbers.
    private const int LongestHeader = 1 << 16;

    /// <summary>Reads the header that stands at the start of <paramref name="bytes"/>; false where it is not sound.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ParquetPageHeader head)
    {
        var reader = new ThriftReader(bytes);
        var (type, uncompressed, compressed, values, encoding, runs) = (-1L, -1L, -1L, -1L, -1L, true);
        while (reader.Field(out var field, out var kind))
        {
            switch (field)
            {
                case 1: type = reader.Number(kind); break;
                case 2: uncompressed = reader.Number(kind); break;
                case 3: compressed = reader.Number(kind); break;
                // The headers of data pages, of dictionaries and of data pages of version 2.
                case 5 or 7 or 8 when reader.Begin(kind):
                    while (reader.Field(out var inner, out var innerKind))
                    {
                        switch (field, inner)
                        {
                            case (_, 1): values = reader.Number(innerKind); break;
                            case (5 or 7, 2) or (8, 4): encoding = reader.Number(innerKind); break;
                            case (5, 3 or 4): runs &= reader.Number(innerKind) == (int)Encoding.RLE; break;
                            default: reader.Skip(innerKind); break;
                        }
                    }

                    reader.End();
                    break;
                default: reader.Skip(kind); break;
            }
        }

        var sound = !reader.Failed && type is >= 0 and <= 3 && Size(uncompressed) && Size(compressed) && Size(values) && encoding is >= 0 and <= 9;
        head = sound ? new ParquetPageHeader((PageType)type, reader.Position, (int)uncompressed, (int)compressed, (int)values, (Encoding)encoding, runs) : default;
        return sound;

        static bool Size(long value) => value is >= 0 and <= int.MaxValue;
    }

    /// <summary>Walks the pages of a column chunk by their headers alone.</summary>
    /// <returns>What is wrong with them, in a few words; null where they are sound, hold the chunk's values and are written as runs, plain values or dictionaries.</returns>
    /// <remarks>
    /// Parquet.Net goes round for ever on a negative or empty page, and inside its delta decoders on damaged block sizes.
    /// Those encodings are not accepted: nobody writes logits tables with them by default.
    /// </remarks>
    public static string? Fault(SafeFileHandle file, ColumnMetaData chunk)
    {
        var offsets = new[] { chunk.DictionaryPageOffset ?? 0, chunk.DataPageOffset, chunk.IndexPageOffset ?? 0 }.Where(o => o != 0);
        var at = offsets.DefaultIfEmpty(0).Min();
        var (end, left) = (RandomAccess.GetLength(file) - 8, chunk.NumValues);
        if (left is < 0 or > int.MaxValue)
        {
            return $"{left} values in a column";
        }

        var buffer = new byte[256];
        while (left > 0)
        {
            if (at <= 0 || at >= end)
            {
                return "a page outside the file";
            }

            if (!TryReadAt(file, at, ref buffer, out var head) || head.Compressed > end - at - head.Length)
            {
                return "a page header that is none";
            }

            if (head.Encoding is not (Encoding.PLAIN or Encoding.RLE or Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY))
            {
                return $"a page of the encoding {head.Encoding}, expected plain values or a dictionary";
            }

            // Snappy, the tightest of the usual codecs here, cannot shrink content by more than a factor of about 21; zstd and gzip can by 1,000.
            if (head.Uncompressed > 2000L * (head.Compressed + 64))
            {
                return "a page that claims more than it can hold";
            }

            if (head.Type != PageType.DICTIONARY_PAGE)
            {
                if (head.Values == 0 || head.Values > left)
                {
                    return $"a page of {head.Values} values where {left} are left";
                }

                left -= head.Values;
            }
            else if (head.Values > head.Uncompressed)
            {
                return "a dictionary that claims more than it can hold";
            }

            at += head.Length + head.Compressed;
        }

        return null;
    }

    private static bool TryReadAt(SafeFileHandle file, long at, ref byte[] buffer, out ParquetPageHeader head)
    {
        while (true)
        {
            var read = RandomAccess.Read(file, buffer, at);
            if (TryRead(buffer.AsSpan(0, read), out head))
            {
                return true;
            }

            if (read < buffer.Length || buffer.Length >= LongestHeader)
            {
                return false;
            }

            buffer = new byte[buffer.Length * 4];
        }
    }
}
