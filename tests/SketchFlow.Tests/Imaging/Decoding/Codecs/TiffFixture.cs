using System.IO.Compression;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>A TIFF file of any layout with random samples, and the picture that it stands for.</summary>
internal sealed record TiffFixture(int Width, int Height, int Bits, int Photometric)
{
    /// <summary>Value of ExtraSamples; null without an extra sample.</summary>
    public int? Extra { get; init; }

    public int Compression { get; init; } = 1;

    public bool Separate { get; init; }

    public int Predictor { get; init; } = 1;

    public (int Width, int Height)? Tile { get; init; }

    public int RowsPerStrip { get; init; } = 3;

    public bool BigEndian { get; init; }

    public bool ReversedBits { get; init; }

    public int SampleFormat { get; init; } = 1;

    public int Seed { get; init; }

    /// <summary>The only strip's bytes, instead of random samples; null for these.</summary>
    public byte[]? Strip { get; init; }

    /// <summary>More entries of the directory, of one 16-bit value each.</summary>
    public (int Tag, int Value)[] More { get; init; } = [];

    private int Samples => Photometric switch { 2 or 6 => 3, 5 => 4, _ => 1 } + (Extra is null ? 0 : 1);

    private int Most => (1 << Bits) - 1;

    private int[] Palette => [.. Enumerable.Range(0, 3 << Bits).Select(i => i * 53 % 256)];

    public byte[] ToFile()
    {
        var segments = (Strip is null ? Segments() : [Strip]).Select(Compress).Select(s => ReversedBits ? [.. s.Select(Reverse)] : s).ToArray();
        var tags = new SortedDictionary<int, (int Type, int[] Values)>
        {
            [256] = (4, [Width]),
            [257] = (4, [Height]),
            [258] = (3, [.. Enumerable.Repeat(Bits, Samples)]),
            [259] = (3, [Compression]),
            [262] = (3, [Photometric]),
            [277] = (3, [Samples]),
            [284] = (3, [Separate ? 2 : 1]),
            [317] = (3, [Predictor]),
            [339] = (3, [SampleFormat]),
        };
        var starts = segments.Select((_, i) => 8 + segments.Take(i).Sum(s => s.Length)).ToArray();
        if (Tile is { } tile)
        {
            (tags[322], tags[323]) = ((4, [tile.Width]), (4, [tile.Height]));
        }
        else
        {
            tags[278] = (4, [RowsPerStrip]);
        }

        (tags[Tile is null ? 273 : 324], tags[Tile is null ? 279 : 325]) = ((4, starts), (4, [.. segments.Select(s => s.Length)]));
        if (Photometric == 3)
        {
            tags[320] = (3, [.. Palette.Select(v => v * 257)]);
        }

        if (Extra is { } extra)
        {
            tags[338] = (3, [extra]);
        }

        if (ReversedBits)
        {
            tags[266] = (3, [2]);
        }

        foreach (var (tag, value) in More)
        {
            tags[tag] = (3, [value]);
        }

        return Assemble(segments, tags);
    }

    /// <summary>Red, green, blue of every pixel on white.</summary>
    public (int Red, int Green, int Blue)[] Shown()
    {
        var samples = MakeSamples();
        return [.. Enumerable.Range(0, Width * Height).Select(i => Shown(samples.AsSpan(i * Samples, Samples)))];
    }

    private (int Red, int Green, int Blue) Shown(ReadOnlySpan<int> pixel)
    {
        if (Photometric == 3)
        {
            return (Palette[pixel[0]], Palette[pixel[0] + (1 << Bits)], Palette[pixel[0] + (2 << Bits)]);
        }

        var levels = pixel.ToArray().Select(v => (int)Math.Round(v * 255.0 / Most)).ToArray();
        var alpha = Extra is 1 or 2 ? levels[^1] : 255;
        int On(int level) => Extra == 1 ? Math.Min(255, level + 255 - alpha) : (int)Math.Round(((level * alpha) + (255.0 * (255 - alpha))) / 255);
        return Photometric switch
        {
            0 => (255 - levels[0], 255 - levels[0], 255 - levels[0]),
            1 => (On(levels[0]), On(levels[0]), On(levels[0])),
            5 => (Ink(levels[0]), Ink(levels[1]), Ink(levels[2])),
            _ => (On(levels[0]), On(levels[1]), On(levels[2])),
        };

        int Ink(int level) => (255 - level) * (255 - levels[3]) / 255;
    }

    // A premultiplied colour does not exceed its opacity.
    private int[] MakeSamples()
    {
        var random = new Random(Seed);
        var samples = Enumerable.Range(0, Width * Height * Samples).Select(_ => random.Next(Most + 1)).ToArray();
        for (var i = 0; Extra == 1 && i < samples.Length; i++)
        {
            samples[i] = Math.Min(samples[i], samples[(i / Samples * Samples) + Samples - 1]);
        }

        return samples;
    }

    private IEnumerable<byte[]> Segments()
    {
        var samples = MakeSamples();
        var (across, down) = Tile ?? (Width, RowsPerStrip);
        var step = Separate ? 1 : Samples;
        for (var plane = 0; plane < (Separate ? Samples : 1); plane++)
        {
            for (var top = 0; top < Height; top += down)
            {
                for (var left = 0; left < Width; left += across)
                {
                    var bytes = new List<byte>();
                    for (var y = top; y < (Tile is null ? Math.Min(Height, top + down) : top + down); y++)
                    {
                        var row = Enumerable.Range(left * step, across * step)
                            .Select(i => y < Height && i < Width * step ? samples[(((y * Width) + (i / step)) * Samples) + plane + (i % step)] : 0).ToArray();
                        bytes.AddRange(Pack([.. row.Select((v, i) => Predictor != 2 || i < step ? v : (v - row[i - step]) & Most)]));
                    }

                    yield return [.. bytes];
                }
            }
        }
    }

    private IEnumerable<byte> Pack(int[] row)
    {
        if (Bits == 16)
        {
            return row.SelectMany(v => BigEndian ? new[] { (byte)(v >> 8), (byte)v } : [(byte)v, (byte)(v >> 8)]);
        }

        return row.Chunk(8 / Bits).Select(group => (byte)group.Select((v, i) => v << (8 - (Bits * (i + 1)))).Sum());
    }

    private byte[] Compress(byte[] data)
    {
        switch (Strip is null ? Compression : 1)
        {
            case 5:
                return Lzw(data);
            case 8 or 32946:
                using (var packed = new MemoryStream())
                {
                    using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
                    {
                        zlib.Write(data);
                    }

                    return packed.ToArray();
                }

            case 32773:
                // A run of one byte, then literals.
                return [.. data.Chunk(100).SelectMany(c => new byte[] { (byte)(c.Length - 1) }.Concat(c))];
            default:
                return data;
        }
    }

    // Codes of 9 bits only: the table is cleared before it grows.
    private static byte[] Lzw(byte[] data)
    {
        var codes = data.Chunk(200).SelectMany(c => new[] { 256 }.Concat(c.Select(b => (int)b))).Append(257);
        var bits = string.Concat(codes.Select(c => Convert.ToString(c, 2).PadLeft(9, '0')));
        return [.. bits.Chunk(8).Select(c => Convert.ToByte(new string(c).PadRight(8, '0'), 2))];
    }

    private static byte Reverse(byte value) => Convert.ToByte(new string([.. Convert.ToString(value, 2).PadLeft(8, '0').Reverse()]), 2);

    private byte[] Assemble(byte[][] segments, SortedDictionary<int, (int Type, int[] Values)> tags)
    {
        byte[] Short(int value) => BigEndian ? [(byte)(value >> 8), (byte)value] : [(byte)value, (byte)(value >> 8)];
        byte[] Long(int value) => BigEndian ? [.. Short(value >> 16), .. Short(value)] : [.. Short(value), .. Short(value >> 16)];
        var at = 8 + segments.Sum(s => s.Length);
        var after = at + 2 + (tags.Count * 12) + 4;
        var (entries, values) = (new List<byte>(), new List<byte>());
        foreach (var (tag, (type, list)) in tags)
        {
            byte[] body = [.. list.SelectMany(v => type == 3 ? Short(v) : Long(v))];
            entries.AddRange([.. Short(tag), .. Short(type), .. Long(list.Length)]);
            entries.AddRange(body.Length <= 4 ? [.. body, .. new byte[4 - body.Length]] : Long(after + values.Count));
            values.AddRange(body.Length <= 4 ? [] : body);
        }

        byte[] magic = BigEndian ? [.. "MM"u8] : [.. "II"u8];
        return [.. magic, .. Short(42), .. Long(at), .. segments.SelectMany(s => s), .. Short(tags.Count), .. entries, .. new byte[4], .. values];
    }
}
