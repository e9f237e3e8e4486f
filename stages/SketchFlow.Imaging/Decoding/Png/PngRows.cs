using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SketchFlow.Imaging.Decoding.Codecs;

namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>Converts rows of PNG samples to 8-bit grey or blue, green, red on white.</summary>
internal sealed class PngRows
{
    private static readonly Vector128<byte> Swap = Vector128.Create((byte)2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15);

    private readonly PngLayout _layout;

    // Blue, green, red of each index, on white.
    private readonly byte[] _palette = [];

    // The transparent colour, one value per sample; empty where there is none.
    private readonly ushort[] _key = [];

    public PngRows(PngLayout layout, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency)
    {
        _layout = layout;
        if (layout.ColourType == 3)
        {
            _palette = OnWhite(palette, transparency);
        }
        else if (layout.ColourType is 0 or 2 && transparency.Length >= layout.Samples * 2)
        {
            // Only the low bits count (PNG specification, section 11.3.2.1).
            _key = new ushort[layout.Samples];
            for (var i = 0; i < _key.Length; i++)
            {
                _key[i] = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(transparency[(i * 2)..]) & ((1 << layout.Bits) - 1));
            }
        }
    }

    /// <summary>Converts a row; the target's length gives the number of pixels.</summary>
    public void Convert(ReadOnlySpan<byte> row, Span<byte> target)
    {
        switch (_layout.ColourType, _layout.Bits)
        {
            case (0, 8):
                row[..target.Length].CopyTo(target);
                if (_key.Length == 1)
                {
                    target.Replace((byte)_key[0], byte.MaxValue);
                }

                break;
            case (0, 16):
                Grey16(row, target);
                break;
            case (0, _):
                Packed(row, target);
                break;
            case (2, 8):
                Colour8(row, target);
                break;
            case (3, _):
                Palettes.Expand(row, _layout.Bits, _palette, target);
                break;
            default:
                General(row, target);
                break;
        }
    }

    // 255 × 257 = 65535: dividing by 257 with rounding maps white to white.
    private static byte Eight(ReadOnlySpan<byte> row, int at) => (byte)((BinaryPrimitives.ReadUInt16BigEndian(row[at..]) + 128) / 257);

    // Indices without an entry are black, like those of libpng.
    private static byte[] OnWhite(ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency)
    {
        var table = new byte[768];
        for (var i = 0; i < palette.Length / 3; i++)
        {
            var alpha = i < transparency.Length ? transparency[i] : byte.MaxValue;
            for (var c = 0; c < 3; c++)
            {
                table[(i * 3) + c] = WhitePaper.Under(palette[(i * 3) + 2 - c], alpha);
            }
        }

        return table;
    }

    private void Grey16(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (var x = 0; x < target.Length; x++)
        {
            target[x] = _key.Length == 1 && BinaryPrimitives.ReadUInt16BigEndian(row[(x * 2)..]) == _key[0] ? byte.MaxValue : Eight(row, x * 2);
        }
    }

    private void Packed(ReadOnlySpan<byte> row, Span<byte> target)
    {
        var (bits, most) = (_layout.Bits, (1 << _layout.Bits) - 1);
        var (perByte, scale) = (8 / bits, 255 / most);
        for (var x = 0; x < target.Length; x++)
        {
            var value = (row[x / perByte] >> (8 - bits - (x % perByte * bits))) & most;
            target[x] = _key.Length == 1 && value == _key[0] ? byte.MaxValue : (byte)(value * scale);
        }
    }

    private void Colour8(ReadOnlySpan<byte> row, Span<byte> target)
    {
        var i = 0;
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(target);

        // Five pixels at a time; the sixteenth byte is written again by the next step.
        for (; Vector128.IsHardwareAccelerated && i + 16 <= target.Length; i += 15)
        {
            Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)i), Swap).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < target.Length; i += 3)
        {
            (target[i], target[i + 1], target[i + 2]) = (row[i + 2], row[i + 1], row[i]);
        }

        for (i = 0; _key.Length == 3 && i < target.Length; i += 3)
        {
            if (row[i] == _key[0] && row[i + 1] == _key[1] && row[i + 2] == _key[2])
            {
                target.Slice(i, 3).Fill(byte.MaxValue);
            }
        }
    }

    // Alpha, and colour of 16 bits.
    private void General(ReadOnlySpan<byte> row, Span<byte> target)
    {
        var (samples, size, channels) = (_layout.Samples, _layout.Bits / 8, _layout.Channels);
        for (int i = 0, at = 0; i < target.Length; i += channels, at += samples * size)
        {
            var alpha = _layout.ColourType is 4 or 6 ? Level(row, at + (channels * size), size) : IsKey(row[at..]) ? byte.MinValue : byte.MaxValue;
            for (var c = 0; c < channels; c++)
            {
                target[i + channels - 1 - c] = WhitePaper.Under(Level(row, at + (c * size), size), alpha);
            }
        }
    }

    private static byte Level(ReadOnlySpan<byte> row, int at, int size) => size == 1 ? row[at] : Eight(row, at);

    private bool IsKey(ReadOnlySpan<byte> pixel)
    {
        for (var c = 0; c < _key.Length; c++)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(pixel[(c * 2)..]) != _key[c])
            {
                return false;
            }
        }

        return _key.Length > 0;
    }
}
