using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>WebP: RIFF chunks of name, length and data, which may be nested.</summary>
public sealed class RiffParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part> { Part.Number(4, 4) };
        AddChunks(input, 12, input.Length, parts);
        return input.Length < 12 ? [] : parts;
    }

    /// <inheritdoc/>
    public override byte[] Seal(byte[] input)
    {
        var result = (byte[])input.Clone();
        if (result.Length > 8)
        {
            BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(4), result.Length - 8);
        }

        return result;
    }

    private static void AddChunks(byte[] input, int start, int end, List<Part> parts)
    {
        for (var at = start; at + 8 <= end;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(at + 4));
            if (length < 0 || length > end - at - 8)
            {
                return;
            }

            parts.Add(Part.Section(at, at + 8 + length));
            parts.Add(Part.Number(at + 4, 4));
            for (var field = 0; field + 3 <= Math.Min(length, 24); field++)
            {
                parts.Add(Part.Number(at + 8 + field, field % 2 == 0 ? 2 : 1));
            }

            if (input.AsSpan(at, 4).SequenceEqual("ANMF"u8) && length > 16)
            {
                AddChunks(input, at + 24, at + 8 + length, parts);
            }

            at += 8 + length + (length & 1);
        }
    }
}
