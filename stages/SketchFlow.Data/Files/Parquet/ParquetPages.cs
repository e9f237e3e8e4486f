using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Thrift;
using Thrift.Protocol.Entities;

namespace SketchFlow.Data.Files.Parquet;

/// <summary>Adds up the sizes that the pages of compressed chunks announce, before they are decompressed.</summary>
/// <remarks>
/// A page is decompressed as a whole, to up to 2 GB, also if its chunk announces less in the footer; ParquetSharp shows neither where a chunk is nor its
/// pages. Field numbers are those of parquet.thrift (github.com/apache/parquet-format).
/// </remarks>
internal sealed class ParquetPages
{
    private const int FooterEnd = 8;

    // Headers with the statistics of long texts are larger than the first block; Arrow reads headers of up to 16 MB.
    private const int FirstBlock = 512;
    private const int LargestBlock = 16 << 20;

    private readonly string _path;
    private readonly ImmutableArray<ImmutableArray<ParquetChunkPlace>> _groups;

    /// <summary>Reads the places of the chunks from the footer.</summary>
    /// <param name="path">A file whose footer ParquetSharp accepts.</param>
    /// <exception cref="InvalidDataException">The footer is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ParquetPages(string path)
    {
        _path = path;
        using var file = File.OpenHandle(path);
        _groups = Read(() => ReadFooter(Footer(file)));
    }

    /// <summary>Returns the number of bytes to which the pages of a chunk decompress, as their headers say; 0 for a chunk without compression.</summary>
    /// <exception cref="InvalidDataException">A page's header is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public long DecompressedBytes(int rowGroup, int column)
    {
        if (rowGroup >= _groups.Length || column >= _groups[rowGroup].Length)
        {
            throw new InvalidDataException($"row group {rowGroup} has no column {column}");
        }

        var place = _groups[rowGroup][column];
        if (!place.IsCompressed)
        {
            return 0;
        }

        using var file = File.OpenHandle(_path);
        var (sum, values, end) = (0L, 0L, place.Start + place.Length);
        for (var at = place.Start; at < end && values < place.Values;)
        {
            var page = Read(() => ReadPage(file, at));
            sum += page.Decompressed;
            values += page.Values;
            at += page.Length;
        }

        return sum;
    }

    private static byte[] Footer(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> end = stackalloc byte[FooterEnd];
        if (length < FooterEnd || RandomAccess.Read(file, end, length - FooterEnd) != FooterEnd
            || BinaryPrimitives.ReadUInt32LittleEndian(end) is var size && size > length - FooterEnd)
        {
            throw new InvalidDataException("its footer is longer than the file");
        }

        var footer = new byte[size];
        return footer.AsSpan(0, RandomAccess.Read(file, footer, length - FooterEnd - size)).ToArray();
    }

    private static ImmutableArray<ImmutableArray<ParquetChunkPlace>> ReadFooter(byte[] footer)
    {
        using var reader = new CompactThriftReader(footer);
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<ParquetChunkPlace>>();
        reader.ReadStruct((field, type) => (field, type) switch
        {
            (4, TType.List) => Done(() => reader.ReadStructs(() => groups.Add(ReadGroup(reader)))),
            _ => false,
        });
        return groups.ToImmutable();
    }

    private static ImmutableArray<ParquetChunkPlace> ReadGroup(CompactThriftReader reader)
    {
        var chunks = ImmutableArray.CreateBuilder<ParquetChunkPlace>();
        reader.ReadStruct((field, type) => (field, type) switch
        {
            (1, TType.List) => Done(() => reader.ReadStructs(() => chunks.Add(ReadChunk(reader)))),
            _ => false,
        });
        return chunks.ToImmutable();
    }

    private static ParquetChunkPlace ReadChunk(CompactThriftReader reader)
    {
        var place = default(ParquetChunkPlace);
        reader.ReadStruct((field, type) => (field, type) switch
        {
            (3, TType.Struct) => Done(() => place = ReadPlace(reader)),
            _ => false,
        });
        return place;
    }

    private static ParquetChunkPlace ReadPlace(CompactThriftReader reader)
    {
        var (codec, values, length, data, dictionary) = (0, 0L, 0L, 0L, 0L);
        reader.ReadStruct((field, type) => (field, type) switch
        {
            (4, TType.I32) => Done(() => codec = reader.ReadInt32()),
            (5, TType.I64) => Done(() => values = reader.ReadInt64()),
            (7, TType.I64) => Done(() => length = reader.ReadInt64()),
            (9, TType.I64) => Done(() => data = reader.ReadInt64()),
            (11, TType.I64) => Done(() => dictionary = reader.ReadInt64()),
            _ => false,
        });
        return new ParquetChunkPlace(codec != 0, dictionary > 0 && dictionary < data ? dictionary : data, length, values);
    }

    private static (long Length, long Decompressed, long Values) ReadPage(SafeFileHandle file, long offset)
    {
        for (var size = FirstBlock; ; size *= 8)
        {
            var block = new byte[size];
            var read = RandomAccess.Read(file, block, offset);
            try
            {
                return ReadPage(block.AsSpan(0, read).ToArray());
            }
            catch (TException) when (read == size && size * 8L <= LargestBlock)
            {
                // The header may be longer than the block.
            }
        }
    }

    private static (long Length, long Decompressed, long Values) ReadPage(byte[] block)
    {
        using var reader = new CompactThriftReader(block);
        var (decompressed, compressed, values) = (0, 0, 0);
        bool ReadValues() => Done(() => reader.ReadStruct((field, type) => (field, type) == (1, TType.I32) && Done(() => values = reader.ReadInt32())));
        reader.ReadStruct((field, type) => (field, type) switch
        {
            (2, TType.I32) => Done(() => decompressed = reader.ReadInt32()),
            (3, TType.I32) => Done(() => compressed = reader.ReadInt32()),
            (5 or 8, TType.Struct) => ReadValues(),
            _ => false,
        });
        return decompressed >= 0 && compressed >= 0 && values >= 0
            ? (reader.Position + (long)compressed, decompressed, values)
            : throw new InvalidDataException("a page announces a negative length");
    }

    private static bool Done(Action read)
    {
        read();
        return true;
    }

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
