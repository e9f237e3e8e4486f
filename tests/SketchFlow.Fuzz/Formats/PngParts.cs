using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace SketchFlow.Fuzz.Formats;

/// <summary>PNG and APNG: chunks of length, type, data and CRC-32.</summary>
public sealed class PngParts : InputFormat
{
    private const int Signature = 8;

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>();
        foreach (var (start, length) in Chunks(input))
        {
            parts.Add(Part.Section(start, start + length + 12));
            parts.Add(Part.Number(start, 4));
            for (var at = 0; at + 4 <= Math.Min(length, 28); at += 4)
            {
                parts.Add(Part.Number(start + 8 + at, 4));
            }

            for (var at = 8; at < Math.Min(length, 13); at++)
            {
                parts.Add(Part.Number(start + 8 + at, 1));
            }
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Seal(byte[] input)
    {
        var result = (byte[])input.Clone();
        foreach (var (start, length) in Chunks(input))
        {
            var crc = Crc32.HashToUInt32(result.AsSpan(start + 4, length + 4));
            BinaryPrimitives.WriteUInt32BigEndian(result.AsSpan(start + 8 + length), crc);
        }

        return result;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        if (input.Length < 29)
        {
            return input;
        }

        // Rows are compressed again after a change, or replaced by many zeros under a header of another size.
        var chunks = Chunks(input).ToList();
        var at = chunks.FindIndex(c => input.AsSpan(c.Start + 4, 4).SequenceEqual("IDAT"u8));
        if (at < 0)
        {
            return input;
        }

        var (start, length) = chunks[at];
        var rows = random.Next(2) == 0 ? new byte[random.Next(1 << 20)] : Inflate(input.AsSpan(start + 8, length).ToArray());
        for (var changes = random.Next(1, 8); changes > 0 && rows.Length > 0; changes--)
        {
            rows[random.Next(rows.Length)] = (byte)random.Next(8);
        }

        var packed = Deflate(rows);
        var chunk = new byte[packed.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, packed.Length);
        "IDAT"u8.CopyTo(chunk.AsSpan(4));
        packed.CopyTo(chunk, 8);
        var result = Replace(input, start, length + 12, chunk);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(result.AsSpan(16), random.Next(1, 5000));
            BinaryPrimitives.WriteInt32BigEndian(result.AsSpan(20), random.Next(1, 5000));
        }

        return Seal(result);
    }

    private static IEnumerable<(int Start, int Length)> Chunks(byte[] input)
    {
        for (var at = Signature; at + 12 <= input.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(at));
            if (length < 0 || length > input.Length - at - 12)
            {
                yield break;
            }

            yield return (at, length);
            at += length + 12;
        }
    }

    private static byte[] Inflate(byte[] packed)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            var rows = new byte[1 << 16];
            return rows[..stream.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private static byte[] Deflate(byte[] rows)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(rows);
        }

        return packed.ToArray();
    }
}
