namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Looks up the colours of palette indices.</summary>
internal static class Palettes
{
    /// <summary>Replaces the indices of a row by their colours.</summary>
    /// <param name="row">Indices, the first in the highest bits of the first byte.</param>
    /// <param name="bits">Bits per index: 1, 2, 4 or 8.</param>
    /// <param name="palette">Blue, green, red of every index.</param>
    /// <param name="target">Receives blue, green, red; its length gives the number of pixels.</param>
    public static void Expand(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<byte> palette, Span<byte> target)
    {
        var mask = (1 << bits) - 1;
        for (int i = 0, bit = 0; i < target.Length; i += 3, bit += bits)
        {
            var index = (row[bit >> 3] >> (8 - bits - (bit & 7))) & mask;
            palette.Slice(index * 3, 3).CopyTo(target[i..]);
        }
    }
}
