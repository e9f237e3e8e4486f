using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>TIFF and Exif: directories of entries with tag, type, count and value.</summary>
public sealed class TiffParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        if (input.Length < 8)
        {
            return [];
        }

        var little = input[0] == (byte)'I';
        var parts = new List<Part> { Part.Number(4, 4) };
        var directory = Read4(input, 4, little);
        if (directory < 8 || directory > input.Length - 2)
        {
            return parts;
        }

        parts.Add(Part.Number(directory, 2));
        for (var (at, left) = (directory + 2, Read2(input, directory, little)); left > 0 && at + 12 <= input.Length; left--, at += 12)
        {
            parts.AddRange([Part.Section(at, at + 12), Part.Number(at, 2), Part.Number(at + 2, 2), Part.Number(at + 4, 4)]);
            parts.AddRange([Part.Number(at + 8, 4), Part.Number(at + 8, 2)]);
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        // A large picture of few bytes: sizes and the length of its strips are changed together.
        if (input.Length < 8)
        {
            return input;
        }

        var little = input[0] == (byte)'I';
        var result = (byte[])input.Clone();
        var size = random.Next(1, 6000);
        foreach (var part in FindParts(input).Where(p => p is { Kind: PartKind.Section, Length: 12 }))
        {
            if (Read2(input, part.Start, little) is 256 or 257 or 278 or 322 or 323)
            {
                Write4(result, part.Start + 8, random.Next(4) == 0 ? random.Next(1, 6000) : size, little);
                Write2(result, part.Start + 2, 4, little);
            }
        }

        return result;
    }

    private static int Read2(byte[] input, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at)) : BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at));

    private static int Read4(byte[] input, int at, bool little) =>
        little ? BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(at)) : BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(at));

    private static void Write4(byte[] output, int at, int value, bool little) =>
        BinaryPrimitives.WriteInt32LittleEndian(output.AsSpan(at), little ? value : BinaryPrimitives.ReverseEndianness(value));

    private static void Write2(byte[] output, int at, short value, bool little) =>
        BinaryPrimitives.WriteInt16LittleEndian(output.AsSpan(at), little ? value : BinaryPrimitives.ReverseEndianness(value));
}
