using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace SketchFlow.Fuzz.Formats;

/// <summary>Zip archives: local headers, the directory and its end. Members without compression may have a format of their own.</summary>
/// <param name="member">The structure of members, which is mutated within them.</param>
public sealed class ZipParts(InputFormat? member = null) : InputFormat
{
    private const uint Local = 0x04034B50;
    private const uint Directory = 0x02014B50;
    private const uint End = 0x06054B50;

    private static readonly DateTimeOffset _time = new(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words => member?.Words ?? [];

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>();
        for (var at = 0; at + 22 <= input.Length; at++)
        {
            switch (BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at)))
            {
                case Local when at + 30 <= input.Length:
                    AddNumbers(parts, at, [6, 8, 26, 28], [14, 18, 22]);
                    var (start, length) = Body(input, at);
                    if (start + length <= input.Length)
                    {
                        parts.Add(Part.Section(at, start + length));
                        parts.AddRange(member?.FindParts(input[start..(start + length)]).Select(p => p with { Start = p.Start + start }) ?? []);
                    }

                    break;
                case Directory when at + 46 <= input.Length:
                    AddNumbers(parts, at, [8, 10, 28, 30, 32, 34], [16, 20, 24, 38, 42]);
                    var end = at + 46 + Short(input, at + 28) + Short(input, at + 30) + Short(input, at + 32);
                    if (end <= input.Length)
                    {
                        parts.Add(Part.Section(at, end));
                    }

                    break;
                case End:
                    AddNumbers(parts, at, [4, 6, 8, 10, 20], [12, 16]);
                    break;
            }
        }

        return parts;
    }

    /// <summary>Corrects sizes, checksums and the places of members, in local headers and in the directory.</summary>
    public override byte[] Seal(byte[] input)
    {
        var result = (byte[])input.Clone();
        var locals = new List<int>();
        var (directory, first, count) = (0, -1, 0);
        for (var at = 0; at + 22 <= result.Length; at++)
        {
            switch (BinaryPrimitives.ReadUInt32LittleEndian(result.AsSpan(at)))
            {
                case Local when at + 30 <= result.Length:
                    locals.Add(at);
                    var (start, length) = Body(result, at);
                    if (Short(result, at + 8) == 0 && start + length <= result.Length)
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(at + 14), Crc32.HashToUInt32(result.AsSpan(start, length)));
                    }

                    break;
                case Directory when at + 46 <= result.Length:
                    first = first < 0 ? at : first;
                    if (directory < locals.Count)
                    {
                        result.AsSpan(locals[directory] + 14, 4).CopyTo(result.AsSpan(at + 16));
                        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 42), locals[directory]);
                    }

                    (directory, count) = (directory + 1, count + 1);
                    break;
                case End when first >= 0:
                    BinaryPrimitives.WriteInt16LittleEndian(result.AsSpan(at + 8), (short)count);
                    BinaryPrimitives.WriteInt16LittleEndian(result.AsSpan(at + 10), (short)count);
                    BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 12), at - first);
                    BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 16), first);
                    return result;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        if (member is not null && random.Next(2) == 0)
        {
            return GrowMember(input, random);
        }

        // Members of zeros that unpack to a thousand times their size, under names that collide.
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var body = new byte[random.Next(1 << 22)];
            for (var entries = random.Next(1, random.Next(2) == 0 ? 3 : 300); entries > 0; entries--)
            {
                var entry = zip.CreateEntry($"a/{(char)('a' + random.Next(3))}/{(random.Next(2) == 0 ? "x" : $"{entries}")}.png");
                entry.LastWriteTime = _time;
                using var content = entry.Open();
                content.Write(body, 0, entries > 3 ? Math.Min(16, body.Length) : body.Length);
            }
        }

        return stream.ToArray();
    }

    private byte[] GrowMember(byte[] input, Random random)
    {
        for (var at = 0; at + 30 <= input.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at)) == Local && Body(input, at) is var (start, length) && start + length <= input.Length)
            {
                var grown = member!.Grow(input[start..(start + length)], random);
                var result = Replace(input, start, length, grown);
                BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 18), grown.Length);
                BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 22), grown.Length);
                for (var entry = at + 4; entry + 46 <= result.Length; entry++)
                {
                    if (BinaryPrimitives.ReadUInt32LittleEndian(result.AsSpan(entry)) == Directory)
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(entry + 20), grown.Length);
                        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(entry + 24), grown.Length);
                        break;
                    }
                }

                return Seal(result);
            }
        }

        return input;
    }

    private static (int Start, int Length) Body(byte[] input, int at)
    {
        var start = at + 30 + Short(input, at + 26) + Short(input, at + 28);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at + 18));
        return (start, (int)Math.Min(length, int.MaxValue / 2));
    }

    private static int Short(byte[] input, int at) => BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at));

    private static void AddNumbers(List<Part> parts, int at, int[] shorts, int[] longs)
    {
        parts.AddRange(shorts.Select(s => Part.Number(at + s, 2)));
        parts.AddRange(longs.Select(l => Part.Number(at + l, 4)));
    }
}
