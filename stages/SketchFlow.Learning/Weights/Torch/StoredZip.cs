using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// The directory of a zip archive whose members are stored, not compressed: where each member's bytes lie in the file. That is how
/// <c>torch.save</c> writes, so that tensors can be mapped (APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3; zip64 included).
/// </summary>
/// <remarks>Check sums are not compared: PyTorch has an option that leaves them out and its own reader ignores them.</remarks>
internal static class StoredZip
{
    private const uint EndOfDirectory = 0x06054B50;
    private const uint EndOfDirectory64 = 0x06064B50;
    private const uint Locator64 = 0x07064B50;
    private const uint DirectoryEntry = 0x02014B50;
    private const uint LocalHeader = 0x04034B50;
    private const int LongestDirectory = 256 << 20;

    /// <summary>Name, place and length of every member, checked: all within the file, stored, named once.</summary>
    /// <exception cref="RefusalException">The file is not such an archive.</exception>
    public static ImmutableDictionary<string, (long Offset, long Length)> Read(MappedFile file)
    {
        var (offset, length, count) = Directory(file);
        var directory = file.Bytes(offset, (int)length);
        var members = ImmutableDictionary.CreateBuilder<string, (long, long)>(StringComparer.Ordinal);
        var at = 0;
        for (var i = 0L; i < count; i++)
        {
            var entry = directory.AsSpan(at);
            if (entry.Length < 46 || Four(entry, 0) != DirectoryEntry)
            {
                throw Bad(file, $"entry {i} of its directory is not one");
            }

            var (nameLength, extraLength, commentLength) = (Two(entry, 28), Two(entry, 30), Two(entry, 32));
            if (entry.Length < 46 + nameLength + extraLength + commentLength)
            {
                throw Bad(file, $"entry {i} of its directory is cut short");
            }

            var rawName = entry.Slice(46, nameLength);
            var name = Encoding.UTF8.GetString(rawName);
            var (packed, size, start) = Sizes(file, name, entry, entry.Slice(46 + nameLength, extraLength));
            var (flags, method) = (Two(entry, 8), Two(entry, 10));
            if ((flags & 1) != 0)
            {
                throw Bad(file, $"its member {name} is encrypted");
            }

            if (method != 0 || packed != size)
            {
                throw Bad(file, $"its member {name} is compressed (method {method}), which torch.save never does; load it in PyTorch and save it again");
            }

            if (!members.TryAdd(name, (Body(file, name, start, rawName, size), size)))
            {
                throw Bad(file, $"its member {name} is there twice");
            }

            at += 46 + nameLength + extraLength + commentLength;
        }

        if (at != directory.Length)
        {
            throw Bad(file, $"{directory.Length - at} bytes follow the last entry of its directory");
        }

        return members.ToImmutable();
    }

    /// <summary>Finds the directory from the end of the file.</summary>
    private static (long Offset, long Length, long Count) Directory(MappedFile file)
    {
        const int Fixed = 22;
        var tailLength = (int)Math.Min(file.Length, Fixed + ushort.MaxValue);
        var tail = file.Bytes(file.Length - tailLength, tailLength);
        var end = tailLength - Fixed;
        while (end >= 0 && !(Four(tail.AsSpan(end), 0) == EndOfDirectory && Two(tail.AsSpan(end), 20) == tailLength - end - Fixed))
        {
            end--;
        }

        if (end < 0)
        {
            throw Bad(file, "the directory at its end is missing (was the download cut short?)");
        }

        var record = tail.AsSpan(end);
        var (count, length, offset) = ((long)Two(record, 10), (long)Four(record, 12), (long)Four(record, 16));
        var before = file.Length - tailLength + end;
        if (count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue)
        {
            // zip64: a locator of 20 bytes stands before, and points to a record of 56 or more.
            if (before < 20 || file.Bytes(before - 20, 20) is var locator && Four(locator, 0) != Locator64)
            {
                throw Bad(file, "its zip64 directory is missing");
            }

            var place = Eight(locator, 8);
            if (place < 0 || place > before - 20 - 56 || file.Bytes(place, 56) is var large && Four(large, 0) != EndOfDirectory64)
            {
                throw Bad(file, "its zip64 directory is not where it should be");
            }

            (count, length, offset, before) = (Eight(large, 32), Eight(large, 40), Eight(large, 48), place);
        }

        if (offset < 0 || length < 0 || count < 0 || length > LongestDirectory || count > length / 46 || offset > before - length)
        {
            throw Bad(file, $"its directory would have {count} entries in {length} bytes from byte {offset} on, and the file has only {file.Length} bytes");
        }

        return (offset, length, count);
    }

    /// <summary>Sizes and place of a member; those of 32 bits that are full stand in the zip64 extra field, in this order.</summary>
    private static (long Packed, long Size, long Start) Sizes(MappedFile file, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var (packed, size, start) = ((long)Four(entry, 20), (long)Four(entry, 24), (long)Four(entry, 42));
        if (packed != uint.MaxValue && size != uint.MaxValue && start != uint.MaxValue)
        {
            return (packed, size, start);
        }

        while (extra.Length >= 4)
        {
            var (id, length) = (Two(extra, 0), Two(extra, 2));
            if (length > extra.Length - 4)
            {
                break;
            }

            if (id == 1)
            {
                var field = extra.Slice(4, length);
                var taken = 0;
                long Take(ReadOnlySpan<byte> from, long small)
                {
                    if (small != uint.MaxValue || taken + 8 > from.Length)
                    {
                        return small;
                    }

                    taken += 8;
                    return Eight(from, taken - 8);
                }

                size = Take(field, size);
                packed = Take(field, packed);
                start = Take(field, start);
                return (packed, size, start);
            }

            extra = extra[(4 + length)..];
        }

        throw Bad(file, $"its member {name} has no zip64 sizes");
    }

    /// <summary>Where a member's bytes begin: behind its local header, whose name must be the directory's.</summary>
    private static long Body(MappedFile file, string name, long start, ReadOnlySpan<byte> rawName, long size)
    {
        if (start < 0 || size < 0 || start > file.Length - 30)
        {
            throw Bad(file, $"its member {name} would begin at byte {start} and have {size} bytes, and the file has only {file.Length}");
        }

        var local = file.Bytes(start, 30);
        var nameLength = Two(local, 26);
        var body = start + 30 + nameLength + Two(local, 28);
        if (Four(local, 0) != LocalHeader || nameLength != rawName.Length || body > file.Length || !file.Bytes(start + 30, nameLength).AsSpan().SequenceEqual(rawName))
        {
            throw Bad(file, $"its member {name} is not where the directory has it");
        }

        return size <= file.Length - body
            ? body
            : throw Bad(file, $"its member {name} has {size} bytes from byte {body} on, and the file has only {file.Length} (was the download cut short?)");
    }

    private static ushort Two(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Four(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Eight(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static RefusalException Bad(MappedFile file, string why) => new($"{file.Path} cannot be read as a zip archive: {why}.");
}
