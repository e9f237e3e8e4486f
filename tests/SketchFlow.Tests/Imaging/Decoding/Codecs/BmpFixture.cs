using System.Buffers.Binary;
using System.Numerics;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>A BMP file of 16 to 32 bits with random pixels, and the picture that it stands for.</summary>
internal sealed record BmpFixture(int Width, int Height, int Bits)
{
    /// <summary>Red, green, blue, alpha; null for a file without masks.</summary>
    public uint[]? Masks { get; init; }

    public int HeaderSize { get; init; } = 40;

    public int Compression { get; init; } = 3;

    public bool TopDown { get; init; }

    /// <summary>Whether no pixel has a bit of alpha, as many writers leave it.</summary>
    public bool ClearAlpha { get; init; }

    public int Seed { get; init; }

    public byte[] ToFile()
    {
        var extra = Masks is null ? 0 : Math.Max(0, (Compression == 6 ? 56 : 52) - HeaderSize);
        var offset = 14 + HeaderSize + extra;
        var row = ((Width * Bits) + 31) / 32 * 4;
        var file = new byte[offset + (row * Height)];
        "BM"u8.CopyTo(file);
        void Word(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        Word(2, (uint)file.Length);
        Word(10, (uint)offset);
        Word(14, (uint)HeaderSize);
        Word(18, (uint)Width);
        Word(22, (uint)(TopDown ? -Height : Height));
        (file[26], file[28], file[30]) = (1, (byte)Bits, (byte)(Masks is null ? 0 : Compression));
        for (var i = 0; Masks is not null && i < (offset >= 70 ? 4 : 3); i++)
        {
            Word(54 + (i * 4), Masks[i]);
        }

        var pixels = MakePixels();
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % Width, i / Width);
            var at = offset + (row * (TopDown ? y : Height - 1 - y)) + (x * Bits / 8);
            for (var b = 0; b < Bits / 8; b++)
            {
                file[at + b] = (byte)(pixels[i] >> (8 * b));
            }
        }

        return file;
    }

    public (int Red, int Green, int Blue)[] Shown()
    {
        uint[] masks = Masks ?? (Bits == 16 ? [0x7C00, 0x3E0, 0x1F, 0] : [0xFF0000, 0xFF00, 0xFF, 0]);
        var pixels = MakePixels();
        var isOpaque = pixels.All(p => (p & masks[3]) == 0);
        return [.. pixels.Select(p =>
        {
            int Level(uint mask) => mask == 0 ? 255 : (int)((p & mask) * 255UL / mask);
            var alpha = isOpaque ? 255 : Level(masks[3]);
            int On(int level) => (int)Math.Round(((level * alpha) + (255.0 * (255 - alpha))) / 255);
            return (On(Level(masks[0])), On(Level(masks[1])), On(Level(masks[2])));
        })];
    }

    private uint[] MakePixels()
    {
        var random = new Random(Seed);
        var keep = ClearAlpha ? ~Masks![3] : uint.MaxValue;
        return [.. Enumerable.Range(0, Width * Height).Select(_ => (uint)random.NextInt64(1L << Bits) & keep)];
    }

    public override string ToString() =>
        $"{Width}x{Height} {Bits} bits, header {HeaderSize}, {string.Join(' ', (Masks ?? []).Select(m => $"{m:X}"))}, seed {Seed}";

    /// <summary>Draws runs of bits that do not overlap, in any order.</summary>
    public static uint[] RandomMasks(int bits, bool alpha, Random random)
    {
        var masks = new uint[4];
        var (at, order) = (0, new[] { 0, 1, 2, 3 });
        random.Shuffle(order);
        foreach (var (channel, left) in order.Where(c => c < 3 || alpha).Select((c, i) => (c, (alpha ? 3 : 2) - i)))
        {
            at += random.Next(0, 2);
            var most = Math.Max(1, Math.Min(12, (bits - at - (left * 2)) / (left + 1)));
            var length = random.Next(1, most + 1);
            masks[channel] = (uint)(((1UL << length) - 1) << at);
            at += length;
        }

        return masks.Sum(m => (decimal)m) < (decimal)BigInteger.Pow(2, bits) ? masks : RandomMasks(bits, alpha, random);
    }
}
