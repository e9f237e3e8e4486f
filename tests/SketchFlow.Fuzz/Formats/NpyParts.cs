using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>NumPy arrays: a header of text after its length, and numbers.</summary>
public sealed class NpyParts : InputFormat
{
    private static readonly TextParts _text = new();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words => [.. _text.Words, "<f8", ">f4", "|O", "True", "(3,)", "(0, 3)", "(99999999999, 3)", "shape", "descr"];

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        if (input.Length < 12)
        {
            return [];
        }

        var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(8)), input.Length - 10);
        return
        [
            Part.Number(6, 1), Part.Number(7, 1), Part.Number(8, 2),
            .. _text.FindParts(input[10..(10 + length)]).Select(p => p with { Start = p.Start + 10 }),
        ];
    }
}
