using System.Buffers.Binary;
using System.Numerics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Decodes BMP files.</summary>
/// <remarks>Hand-written because OpenCV ignores channel masks and alpha, and scales 5 bits to 248 instead of 255.</remarks>
internal static class BmpDecoder
{
    /// <summary>Decodes a file whose header is sound.</summary>
    /// <returns>Blue, green, red; or a rejection.</returns>
    public static Outcome<Pixels> Decode(Sample sample, ReadOnlySpan<byte> file)
    {
        var header = BmpHeader.Parse(file);
        var pixels = Pixels.Rent(sample, header.Width, header.Height, 3);
        var stored = file[(int)header.PixelsOffset..];
        if (header.Coding == ImageCoding.RunLength)
        {
            return BmpRunLength.Decode(sample, stored, header, Palette(file, header), pixels);
        }

        Span<byte> palette = header.Bits <= 8 ? Palette(file, header) : [];
        var channels = Channels(header, stored);
        for (var y = 0; y < header.Height; y++)
        {
            var row = stored.Slice((int)(y * header.Stride), (int)header.Stride);
            var target = pixels.Bytes.Slice((header.TopDown ? y : header.Height - 1 - y) * header.Width * 3, header.Width * 3);
            if (header.Bits <= 8)
            {
                Palettes.Expand(row, header.Bits, palette, target);
            }
            else if (header is { Bits: 24, Masks: { Red: 0xFF0000, Green: 0xFF00, Blue: 0xFF } })
            {
                row[..target.Length].CopyTo(target);
            }
            else
            {
                Words(row, header.Bits / 8, channels, target);
            }
        }

        return pixels;
    }

    /// <summary>Returns blue, green, red of every index; indices after the palette's end are black.</summary>
    private static byte[] Palette(ReadOnlySpan<byte> file, BmpHeader header)
    {
        var palette = new byte[3 << header.Bits];
        var (offset, count, size) = header.Palette;
        for (var i = 0; i < count; i++)
        {
            file.Slice(offset + (i * size), 3).CopyTo(palette.AsSpan(i * 3));
        }

        return palette;
    }

    /// <summary>Returns the masks of blue, green, red and alpha; alpha 0 where it is absent or zero in every pixel, which many writers leave so.</summary>
    private static uint[] Channels(BmpHeader header, ReadOnlySpan<byte> stored)
    {
        var (red, green, blue, alpha) = header.Masks;
        return [blue, green, red, alpha == 0 || IsClear(header, stored, alpha) ? 0 : alpha];
    }

    private static bool IsClear(BmpHeader header, ReadOnlySpan<byte> stored, uint alpha)
    {
        for (var y = 0; y < header.Height; y++)
        {
            var row = stored[(int)(y * header.Stride)..];
            for (var x = 0; x < header.Width; x++)
            {
                if ((Word(row[(x * header.Bits / 8)..], header.Bits / 8) & alpha) != 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int size) => size switch
    {
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        3 => bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16,
        _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
    };

    private static void Words(ReadOnlySpan<byte> row, int size, ReadOnlySpan<uint> channels, Span<byte> target)
    {
        Span<int> shifts = [.. Shifts(channels)];
        for (int x = 0, at = 0; x < target.Length; x += 3, at += size)
        {
            var word = Word(row[at..], size);
            for (var c = 0; c < 3; c++)
            {
                target[x + c] = Scale(word, channels[c], shifts[c]);
            }

            if (channels[3] != 0)
            {
                var alpha = Scale(word, channels[3], shifts[3]);
                for (var c = 0; c < 3; c++)
                {
                    target[x + c] = WhitePaper.Under(target[x + c], alpha);
                }
            }
        }
    }

    private static int[] Shifts(ReadOnlySpan<uint> channels)
    {
        var shifts = new int[channels.Length];
        for (var c = 0; c < channels.Length; c++)
        {
            shifts[c] = channels[c] == 0 ? 0 : BitOperations.TrailingZeroCount(channels[c]);
        }

        return shifts;
    }

    // The largest value of a channel becomes 255, however many bits it has; the rest is rounded down, as Pillow does.
    private static byte Scale(uint word, uint mask, int shift)
    {
        var (value, most) = ((word & mask) >> shift, mask >> shift);
        return most == 255 ? (byte)value : (byte)((ulong)value * 255 / most);
    }
}
