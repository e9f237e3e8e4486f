using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Reads the directory of a zip archive whose members are stored without compression, as <c>torch.save</c> writes it, and returns the position
/// of each member in the file (APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3, with zip64).
/// </summary>
/// <remarks>
/// Written by hand, because .NET's ZipArchive does not reveal positions, which are needed to map tensors into memory. Checksums are not
/// verified: PyTorch has an option to omit them, and its own reader ignores them.
/// </remarks>
internal static class StoredZip
{
    private const uint EndOfDirectory = 0x06054B50;
    private const uint EndOfDirectory64 = 0x06064B50;
    private const uint Locator64 = 0x07064B50;
    private const uint DirectoryEntry = 0x02014B50;
    private const uint LocalHeader = 0x04034B50;
    private const int MaxDirectoryLength = 16 << 20;

    /// <summary>Returns the position and length of each member by name. All members are within the file, uncompressed and uniquely named.</summary>
    /// <exception cref="RefusalException">The file is not such an archive.</exception>
    public static ImmutableDictionary<string, (long Offset, long Length)> Read(MappedFile file)
    {
        var (offset, length, count) = FindDirectory(file);
        var directory = file.ReadBytes(offset, (int)length);
        var members = ImmutableDictionary.CreateBuilder<string, (long, long)>(StringComparer.Ordinal);
        var at = 0;
        for (var i = 0L; i < count; i++)
        {
            var entry = directory.AsSpan(at);
            if (entry.Length < 46 || UInt32(entry, 0) != DirectoryEntry)
            {
                throw Invalid(file, $"entry {i} of its directory has no valid signature");
            }

            var (nameLength, extraLength, commentLength) = (UInt16(entry, 28), UInt16(entry, 30), UInt16(entry, 32));
            if (entry.Length < 46 + nameLength + extraLength + commentLength)
            {
                throw Invalid(file, $"entry {i} of its directory is incomplete");
            }

            var rawName = entry.Slice(46, nameLength);
            var name = Encoding.UTF8.GetString(rawName);
            var (packed, size, start) = ReadSizes(file, name, entry, entry.Slice(46 + nameLength, extraLength));
            var (flags, method) = (UInt16(entry, 8), UInt16(entry, 10));
            if ((flags & 1) != 0)
            {
                throw Invalid(file, $"its member {name} is encrypted");
            }

            if (method != 0 || packed != size)
            {
                throw Invalid(file, $"its member {name} is compressed (method {method}), unlike torch.save writes it; load it in PyTorch and save it again");
            }

            if (!members.TryAdd(name, (FindData(file, name, start, rawName, size), size)))
            {
                throw Invalid(file, $"it has two members named {name}");
            }

            at += 46 + nameLength + extraLength + commentLength;
        }

        if (at != directory.Length)
        {
            throw Invalid(file, $"{directory.Length - at} bytes follow the last entry of its directory");
        }

        return members.ToImmutable();
    }

    /// <summary>Finds the directory, searching backwards from the end of the file.</summary>
    private static (long Offset, long Length, long Count) FindDirectory(MappedFile file)
    {
        const int Fixed = 22;
        var tailLength = (int)Math.Min(file.Length, Fixed + ushort.MaxValue);
        var tail = file.ReadBytes(file.Length - tailLength, tailLength);
        var end = tailLength - Fixed;
        while (end >= 0 && !(UInt32(tail.AsSpan(end), 0) == EndOfDirectory && UInt16(tail.AsSpan(end), 20) == tailLength - end - Fixed))
        {
            end--;
        }

        if (end < 0)
        {
            throw Invalid(file, "the directory at its end is missing (incomplete download?)");
        }

        var record = tail.AsSpan(end);
        var (count, length, offset) = ((long)UInt16(record, 10), (long)UInt32(record, 12), (long)UInt32(record, 16));
        var before = file.Length - tailLength + end;
        if (count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue)
        {
            // zip64: the 20 bytes before this record are a locator, which points to a record of at least 56 bytes.
            if (before < 20 || file.ReadBytes(before - 20, 20) is var locator && UInt32(locator, 0) != Locator64)
            {
                throw Invalid(file, "its zip64 directory is missing");
            }

            var place = Int64(locator, 8);
            if (place < 0 || place > before - 20 - 56 || file.ReadBytes(place, 56) is var large && UInt32(large, 0) != EndOfDirectory64)
            {
                throw Invalid(file, "its zip64 directory is not at the position of its locator");
            }

            (count, length, offset, before) = (Int64(large, 32), Int64(large, 40), Int64(large, 48), place);
        }

        if (offset < 0 || length < 0 || count < 0 || length > MaxDirectoryLength || count > length / 46 || offset > before - length)
        {
            throw Invalid(file, $"its directory would have {count} entries in {length} bytes from byte {offset} on, but the file has only {file.Length} bytes");
        }

        return (offset, length, count);
    }

    /// <summary>Reads sizes and position of a member. Values that exceed 32 bits are in the zip64 extra field, in the order size, packed, start.</summary>
    private static (long Packed, long Size, long Start) ReadSizes(MappedFile file, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var (packed, size, start) = ((long)UInt32(entry, 20), (long)UInt32(entry, 24), (long)UInt32(entry, 42));
        if (packed != uint.MaxValue && size != uint.MaxValue && start != uint.MaxValue)
        {
            return (packed, size, start);
        }

        while (extra.Length >= 4)
        {
            var (id, length) = (UInt16(extra, 0), UInt16(extra, 2));
            if (length > extra.Length - 4)
            {
                break;
            }

            if (id == 1)
            {
                var field = extra.Slice(4, length);
                var taken = 0;
                long Take(ReadOnlySpan<byte> from, long value)
                {
                    if (value != uint.MaxValue || taken + 8 > from.Length)
                    {
                        return value;
                    }

                    taken += 8;
                    return Int64(from, taken - 8);
                }

                size = Take(field, size);
                packed = Take(field, packed);
                start = Take(field, start);
                return (packed, size, start);
            }

            extra = extra[(4 + length)..];
        }

        throw Invalid(file, $"its member {name} has no zip64 sizes");
    }

    /// <summary>Returns the position of a member's bytes, which follow its local header; the name there must equal the name in the directory.</summary>
    private static long FindData(MappedFile file, string name, long start, ReadOnlySpan<byte> rawName, long size)
    {
        if (start < 0 || size < 0 || start > file.Length - 30)
        {
            throw Invalid(file, $"its member {name} would begin at byte {start} and have {size} bytes, but the file has only {file.Length}");
        }

        var local = file.ReadBytes(start, 30);
        var nameLength = UInt16(local, 26);
        var data = start + 30 + nameLength + UInt16(local, 28);
        if (UInt32(local, 0) != LocalHeader || nameLength != rawName.Length || data > file.Length
            || !file.ReadBytes(start + 30, nameLength).AsSpan().SequenceEqual(rawName))
        {
            throw Invalid(file, $"its member {name} is not at the position given by the directory");
        }

        return size <= file.Length - data
            ? data
            : throw Invalid(file, $"its member {name} has {size} bytes from byte {data} on, but the file has only {file.Length} (incomplete download?)");
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static RefusalException Invalid(MappedFile file, string fault) => new($"{file.Path} cannot be read as a zip archive: {fault}.");
}
