using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Parquet.Meta;
using Snappier;

namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>
/// Reads a column chunk of logits straight into the table: plain float32 in pages of version 1, Snappy or uncompressed, every list full,
/// as SketchFlow and most writers without dictionaries make them. Parquet.Net would need a fresh array a page and 8 bytes of levels a logit.
/// </summary>
internal static class LogitsPages
{
    /// <summary>Reads one chunk.</summary>
    /// <param name="file">The Parquet file.</param>
    /// <param name="chunk">The chunk's metadata.</param>
    /// <param name="full">The definition level of a value that is there.</param>
    /// <param name="classes">Values a row.</param>
    /// <param name="logits">Filled with the chunk's values: float32, rows × classes.</param>
    /// <returns>False where the chunk is of another form, or not sound: the general reader then reads it, or says what is wrong.</returns>
    public static bool TryRead(SafeFileHandle file, ColumnMetaData chunk, int full, int classes, Span<float> logits)
    {
        var (start, length) = (chunk.DataPageOffset, chunk.TotalCompressedSize);
        if (chunk.DictionaryPageOffset is > 0 || chunk.Codec is not (CompressionCodec.SNAPPY or CompressionCodec.UNCOMPRESSED)
            || length is <= 0 or > int.MaxValue || start <= 0 || start > RandomAccess.GetLength(file) - length)
        {
            return false;
        }

        var bytes = ArrayPool<byte>.Shared.Rent((int)length);
        var page = Array.Empty<byte>();
        try
        {
            var whole = bytes.AsSpan(0, (int)length);
            for (var read = 0; read < whole.Length;)
            {
                var got = RandomAccess.Read(file, whole[read..], start + read);
                if (got == 0)
                {
                    return false;
                }

                read += got;
            }

            var filled = 0;
            for (var at = 0; at < whole.Length && filled < logits.Length;)
            {
                if (!ParquetPageHeader.TryRead(whole[at..], out var head) || head is not { Type: PageType.DATA_PAGE, Encoding: Encoding.PLAIN, RunLengthLevels: true }
                    || head.Values <= 0 || head.Values > logits.Length - filled || head.Compressed > whole.Length - at - head.Length)
                {
                    return false;
                }

                var body = whole.Slice(at + head.Length, head.Compressed);
                at += head.Length + head.Compressed;
                ReadOnlySpan<byte> plain = body;
                if (chunk.Codec == CompressionCodec.SNAPPY)
                {
                    // What the page claims must be what its levels and values can fill, before room is made for it.
                    if (head.Uncompressed > (12L * head.Values) + 64 || Snappy.GetUncompressedLength(body) != head.Uncompressed)
                    {
                        return false;
                    }

                    if (page.Length < head.Uncompressed)
                    {
                        ArrayPool<byte>.Shared.Return(page);
                        page = ArrayPool<byte>.Shared.Rent(head.Uncompressed);
                    }

                    var written = Snappy.Decompress(body, page);
                    plain = page.AsSpan(0, written);
                }

                if (!Levels(ref plain, 1, head.Values, filled, classes, full: -1) || !Levels(ref plain, Width(full), head.Values, filled, classes, full)
                    || plain.Length != 4 * head.Values)
                {
                    return false;
                }

                plain.CopyTo(MemoryMarshal.AsBytes(logits.Slice(filled, head.Values)));
                filled += head.Values;
            }

            return filled == logits.Length;
        }
        catch (InvalidDataException)
        {
            // Snappier found a damaged page: the general reader will refuse it.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    private static int Width(int largest) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)largest);

    /// <summary>
    /// Checks the levels of a page (a length, then runs of repeated or bit-packed numbers) and takes them off <paramref name="page"/>:
    /// every one <paramref name="full"/>, or, where that is -1, 0 at the first value of a row and 1 at the others.
    /// </summary>
    private static bool Levels(ref ReadOnlySpan<byte> page, int width, int values, int first, int classes, int full)
    {
        if (page.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(page) is var length && (length < 0 || length > page.Length - 4) || width > 8)
        {
            return false;
        }

        var runs = page.Slice(4, length);
        page = page[(4 + length)..];
        var (at, seen) = (0, 0);
        // Position in the row of the next value.
        var place = first % classes;
        while (seen < values)
        {
            var header = 0L;
            for (var shift = 0; ; shift += 7)
            {
                if (at >= runs.Length || shift > 28)
                {
                    return false;
                }

                var b = runs[at++];
                header |= (long)(b & 0x7f) << shift;
                if ((b & 0x80) == 0)
                {
                    break;
                }
            }

            var packed = (header & 1) != 0;
            var count = (int)Math.Min(values - seen, packed ? (header >> 1) * 8 : header >> 1);
            var bytes = packed ? ((count * width) + 7) / 8 : 1;
            if (count == 0 || bytes > runs.Length - at)
            {
                return false;
            }

            for (var i = 0; i < count; i++)
            {
                var level = packed ? Packed(runs[at..], i * width, width) : runs[at];
                var expected = full >= 0 ? full : place == 0 ? 0 : 1;
                if (level != expected)
                {
                    return false;
                }

                place = place + 1 == classes ? 0 : place + 1;
            }

            at += packed ? (int)Math.Min(runs.Length - at, (header >> 1) * width) : bytes;
            seen += count;
        }

        return true;
    }

    private static int Packed(ReadOnlySpan<byte> bytes, int bit, int width)
    {
        var (at, shift) = (bit >> 3, bit & 7);
        var word = bytes[at] | (at + 1 < bytes.Length ? bytes[at + 1] << 8 : 0);
        return word >> shift & ((1 << width) - 1);
    }
}
