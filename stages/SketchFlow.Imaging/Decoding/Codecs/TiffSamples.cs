using System.Buffers.Binary;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Converts a TIFF's rows to samples of 8 bits.</summary>
internal static class TiffSamples
{
    private static readonly byte[] Reversed = [.. Enumerable.Range(0, 256).Select(Reverse)];

    /// <summary>Unpacks one row.</summary>
    /// <param name="row">Stored bytes.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="target">Receives 8-bit levels, or palette indices as they are.</param>
    /// <param name="shape">Number of samples, and their distance in <paramref name="target"/>.</param>
    public static void Unpack(ReadOnlySpan<byte> row, TiffHeader header, Span<byte> target, (int Count, int Step) shape)
    {
        var bits = header.Layout.Bits;
        if (bits == 8 && shape.Step == 1)
        {
            row[..shape.Count].CopyTo(target);
            return;
        }

        var most = (1 << bits) - 1;
        var scale = header.Layout.Colour == ImageColour.Palette ? 1 : 255 / most;
        for (var i = 0; i < shape.Count; i++)
        {
            target[i * shape.Step] = bits switch
            {
                8 => row[i],

                // 255 × 257 = 65535, so rounding maps white to white.
                16 => (byte)((Word(row[(i * 2)..], header.IsLittleEndian) + 128) / 257),
                _ => (byte)(((row[i * bits / 8] >> (8 - bits - (i * bits % 8))) & most) * scale),
            };
        }
    }

    /// <summary>Adds to each sample of each row the same sample of its left neighbour (predictor 2).</summary>
    public static void AddDifferences(Span<byte> rows, TiffHeader header)
    {
        var perPixel = header.Layout.SeparatePlanes ? 1 : header.Samples;
        var rowLength = header.Segment.Width * perPixel * header.Layout.Bits / 8;
        for (var start = 0; start < rows.Length; start += rowLength)
        {
            var row = rows.Slice(start, rowLength);
            if (header.Layout.Bits == 8)
            {
                for (var i = perPixel; i < row.Length; i++)
                {
                    row[i] += row[i - perPixel];
                }

                continue;
            }

            for (var i = 2 * perPixel; i < row.Length; i += 2)
            {
                var sum = (ushort)(Word(row[i..], header.IsLittleEndian) + Word(row[(i - (2 * perPixel))..], header.IsLittleEndian));
                if (header.IsLittleEndian)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(row[i..], sum);
                }
                else
                {
                    BinaryPrimitives.WriteUInt16BigEndian(row[i..], sum);
                }
            }
        }
    }

    /// <summary>Copies bytes with their bits in reverse order.</summary>
    public static void ReverseBits(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = Reversed[source[i]];
        }
    }

    private static ushort Word(ReadOnlySpan<byte> bytes, bool isLittleEndian) =>
        isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static byte Reverse(int value)
    {
        var result = 0;
        for (var bit = 0; bit < 8; bit++)
        {
            result |= ((value >> bit) & 1) << (7 - bit);
        }

        return (byte)result;
    }
}
