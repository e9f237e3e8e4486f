using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>BMP: numbers at fixed places.</summary>
public sealed class BmpParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input) =>
    [
        .. Enumerable.Range(0, 16).Select(i => Part.Number(10 + (4 * i), 4)).Append(Part.Number(26, 2)).Append(Part.Number(28, 2))
            .Where(p => p.End <= input.Length),
    ];

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        if (input.Length < 54)
        {
            return input;
        }

        var result = (byte[])input.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(18), random.Next(1, 6000));
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(22), random.Next(-6000, 6000));
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(30), random.Next(5));
        return result;
    }
}
