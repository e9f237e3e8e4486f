using System.Buffers.Binary;
using System.Text;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>Files of every kind, small enough to write by hand.</summary>
internal static partial class ImageFixtures
{
    /// <summary>Writes a PNG from samples (components of a pixel together, row by row), plain or interlaced (Adam7).</summary>
    /// <remarks>Seven parameters: the fields of the file.</remarks>
    public static byte[] Png(int width, int height, int bits, int colourType, int[] samples, bool interlaced, params (string Type, byte[] Body)[] extra)
    {
        var components = samples.Length / (width * height);
        (int X, int Y, int Dx, int Dy)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        var rows = new List<byte[]>();
        foreach (var (x0, y0, dx, dy) in passes)
        {
            for (var y = y0; y < height && x0 < width; y += dy)
            {
                var packed = new List<byte>();
                var (held, count) = (0, 0);
                for (var x = x0; x < width; x += dx)
                {
                    for (var c = 0; c < components; c++)
                    {
                        var value = samples[(((y * width) + x) * components) + c];
                        for (var bit = bits - 1; bit >= 0; bit--)
                        {
                            held = (held << 1) | (value >> bit & 1);
                            if (++count == 8)
                            {
                                packed.Add((byte)held);
                                (held, count) = (0, 0);
                            }
                        }
                    }
                }

                if (count > 0)
                {
                    packed.Add((byte)(held << (8 - count)));
                }

                rows.Add([.. packed]);
            }
        }

        return Png(width, height, bits, colourType, [.. rows], interlaced, extra);
    }

    /// <summary>Writes a baseline JPEG of 16 × 8 pixels: two blocks, each with one level per component.</summary>
    /// <param name="left">Levels of the left block, one per component.</param>
    /// <param name="right">Levels of the right block.</param>
    /// <param name="adobe">The colour transform of an Adobe segment: 0 none, 1 YCbCr, 2 YCCK; -1 leaves the segment out.</param>
    public static byte[] FlatJpeg(byte[] left, byte[] right, int adobe)
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        void Segment(byte marker, params byte[] body) => file.AddRange([0xFF, marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body]);
        var n = left.Length;
        if (adobe >= 0)
        {
            Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)adobe]);
        }

        // Quantisation by 1; DC categories 0-11 as codes of 4 bits; AC only the end of a block, the code 0.
        Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Segment(0xC0, [8, 0, 8, 0, 16, (byte)n, .. Enumerable.Range(1, n).SelectMany(c => new byte[] { (byte)c, 0x11, 0 })]);
        Segment(0xC4, [0x00, 0, 0, 0, 12, .. new byte[12], .. Enumerable.Range(0, 12).Select(c => (byte)c)]);
        Segment(0xC4, [0x10, 1, .. new byte[15], 0]);
        Segment(0xDA, [(byte)n, .. Enumerable.Range(1, n).SelectMany(c => new byte[] { (byte)c, 0 }), 0, 63, 0]);
        var bits = new StringBuilder();
        for (var block = 0; block < 2; block++)
        {
            for (var c = 0; c < n; c++)
            {
                // The DC coefficient is 8 times the mean, coded as the difference from the previous block.
                var difference = 8 * (block == 0 ? left[c] - 128 : right[c] - left[c]);
                var category = difference == 0 ? 0 : 32 - int.LeadingZeroCount(Math.Abs(difference));
                bits.Append(Convert.ToString(category, 2).PadLeft(4, '0'));
                if (category > 0)
                {
                    bits.Append(Convert.ToString(difference > 0 ? difference : difference + (1 << category) - 1, 2).PadLeft(category, '0'));
                }

                bits.Append('0');
            }
        }

        bits.Append('1', (8 - (bits.Length % 8)) % 8);
        for (var i = 0; i < bits.Length; i += 8)
        {
            var value = Convert.ToByte(bits.ToString(i, 8), 2);
            file.Add(value);
            if (value == 0xFF)
            {
                file.Add(0);
            }
        }

        return [.. file, 0xFF, 0xD9];
    }

    /// <summary>Writes an uncompressed BMP of random pixels and returns the pixels too.</summary>
    public static (byte[] File, (byte Red, byte Green, byte Blue)[] Pixels) Bmp(int width, int height, int bits, byte[][] palette, bool topDown, Random random)
    {
        var row = ((width * bits) + 31) / 32 * 4;
        var offset = 54 + (palette.Length * 4);
        var file = new byte[offset + (row * height)];
        "BM"u8.CopyTo(file);
        void Word(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        Word(2, file.Length);
        Word(10, offset);
        Word(14, 40);
        Word(18, width);
        Word(22, topDown ? -height : height);
        (file[26], file[28]) = (1, (byte)bits);
        Word(46, palette.Length);
        for (var i = 0; i < palette.Length; i++)
        {
            palette[i].CopyTo(file, 54 + (i * 4));
        }

        var pixels = new (byte, byte, byte)[width * height];
        for (var y = 0; y < height; y++)
        {
            var line = file.AsSpan(offset + (row * (topDown ? y : height - 1 - y)), row);
            for (var x = 0; x < width; x++)
            {
                if (bits > 8)
                {
                    var (red, green, blue) = ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
                    var at = x * bits / 8;
                    (line[at], line[at + 1], line[at + 2]) = (blue, green, red);
                    pixels[(y * width) + x] = (red, green, blue);
                }
                else
                {
                    var index = random.Next(palette.Length);
                    line[x * bits / 8] |= (byte)(index << (8 - bits - (x * bits % 8)));
                    pixels[(y * width) + x] = (palette[index][2], palette[index][1], palette[index][0]);
                }
            }
        }

        return (file, pixels);
    }

    /// <summary>Writes a GIF whose frames have one row (first column, width, palette indices); index 0 is transparent, 1 red, 2 blue.</summary>
    public static byte[] Gif(int width, int height, (int Left, int Width, byte[] Indices)[] frames)
    {
        // With 128 colours, codes of 8 bits equal the indices as long as the code table is short.
        var file = new List<byte>([.. "GIF89a"u8, (byte)width, 0, (byte)height, 0, 0xF6, 0, 0, .. new byte[128 * 3]]);
        (file[13 + 3], file[13 + 8]) = (255, 255);
        foreach (var (left, across, indices) in frames)
        {
            file.AddRange([0x21, 0xF9, 4, 0x01, 5, 0, 0, 0]);
            file.AddRange([0x2C, (byte)left, 0, 0, 0, (byte)across, 0, 1, 0, 0, 7, (byte)(indices.Length + 2), 0x80, .. indices, 0x81, 0]);
        }

        return [.. file, 0x3B];
    }

    /// <summary>Writes an animated WebP whose frames are the picture of a simple lossless WebP file.</summary>
    public static byte[] MovingWebP(byte[] still, int width, int height)
    {
        byte[] frame = [0, 0, 0, 0, 0, 0, .. Three(width - 1), .. Three(height - 1), .. Three(100), 0, .. still.AsSpan(12)];
        var canvas = Chunk("VP8X", [0x02, 0, 0, 0, .. Three(width - 1), .. Three(height - 1)]);
        return Riff([.. canvas, .. Chunk("ANIM", [255, 255, 255, 255, 0, 0]), .. Chunk("ANMF", frame), .. Chunk("ANMF", frame)]);
    }

    /// <summary>Writes a WebP with the picture of a simple WebP file, followed by an EXIF chunk.</summary>
    public static byte[] WebPWithExif(byte[] still, int width, int height, byte[] exif) =>
        Riff([.. Chunk("VP8X", [0x08, 0, 0, 0, .. Three(width - 1), .. Three(height - 1)]), .. still.AsSpan(12), .. Chunk("EXIF", exif)]);

    /// <summary>Writes a TIFF of one uncompressed row.</summary>
    /// <remarks>Seven parameters: the fields of the file.</remarks>
    public static byte[] Tiff(int width, int bits, int photometric, byte[] strip, bool little, bool extraSample = false, int sampleFormat = 1)
    {
        var components = photometric == 2 ? extraSample ? 4 : 3 : 1;
        var file = new List<byte>();
        void Short(int value) => file.AddRange(little ? [(byte)value, (byte)(value >> 8)] : [(byte)(value >> 8), (byte)value]);
        void Long(int value)
        {
            Short(little ? value : value >> 16);
            Short(little ? value >> 16 : value);
        }

        var entries = new List<(int Tag, int Type, int Count, int Value)>
        {
            (256, 4, 1, width), (257, 4, 1, 1), (258, 3, components, bits), (259, 3, 1, 1), (262, 3, 1, photometric),
            (273, 4, 1, 0), (277, 3, 1, components), (278, 4, 1, 1), (279, 4, 1, strip.Length),
        };
        if (photometric == 3)
        {
            entries.Add((320, 3, 3 << bits, 0));
        }

        if (extraSample)
        {
            entries.Add((338, 3, 1, 2));
        }

        entries.Add((339, 3, 1, sampleFormat));
        var after = 8 + 2 + (entries.Count * 12) + 4;
        var (depths, colours) = (after, after + (components > 1 ? components * 2 : 0));
        var data = colours + (photometric == 3 ? 6 << bits : 0);
        file.AddRange(little ? "II"u8 : "MM"u8);
        Short(42);
        Long(8);
        Short(entries.Count);
        foreach (var (tag, type, count, value) in entries)
        {
            Short(tag);
            Short(type);
            Long(count);
            if (tag == 258 && components > 1)
            {
                Long(depths);
            }
            else if (tag is 273 or 320)
            {
                Long(tag == 273 ? data : colours);
            }
            else if (type == 3)
            {
                Short(value);
                Short(0);
            }
            else
            {
                Long(value);
            }
        }

        Long(0);
        for (var i = 0; components > 1 && i < components; i++)
        {
            Short(bits);
        }

        // Index i is the colour (50 i, 50 i + 10, 50 i + 20), in 16 bits: first all reds, then greens, then blues.
        for (var i = 0; photometric == 3 && i < 3 << bits; i++)
        {
            Short(257 * (byte)((50 * (i % (1 << bits))) + (10 * (i >> bits))));
        }

        return [.. file, .. strip];
    }

    private static byte[] Three(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static byte[] Riff(byte[] chunks)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. chunks];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    private static byte[] Chunk(string type, byte[] body)
    {
        byte[] chunk = [.. Encoding.ASCII.GetBytes(type), 0, 0, 0, 0, .. body, .. new byte[body.Length % 2]];
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), body.Length);
        return chunk;
    }
}
