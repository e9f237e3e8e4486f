using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>safetensors: the length of a JSON header, the header, and data.</summary>
public sealed class LengthAndJsonParts : InputFormat
{
    private static readonly JsonParts _json = new();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words => [.. _json.Words, "F32", "F4", "BF16", "data_offsets", "__metadata__"];

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var length = Length(input);
        return input.Length < 8 ? []
            : [Part.Number(0, 8), Part.Number(0, 4), .. _json.FindParts(input[8..(8 + length)]).Select(p => p with { Start = p.Start + 8 })];
    }

    /// <summary>Sets the length to the place of the last closing brace.</summary>
    public override byte[] Seal(byte[] input)
    {
        var end = input.AsSpan().LastIndexOf((byte)'}');
        if (end < 8)
        {
            return input;
        }

        var result = (byte[])input.Clone();
        BinaryPrimitives.WriteInt64LittleEndian(result, end - 7);
        return result;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        if (input.Length < 10)
        {
            return input;
        }

        var length = Length(input);
        var header = _json.Grow(input[8..(8 + length)], random);
        byte[] result = [.. input.AsSpan(0, 8), .. header, .. input.AsSpan(8 + length)];
        BinaryPrimitives.WriteInt64LittleEndian(result, header.Length);
        return result;
    }

    private static int Length(byte[] input) =>
        input.Length < 8 ? 0 : (int)Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(input), 0, input.Length - 8);
}
