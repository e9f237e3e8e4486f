using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Decodes the runs of a BMP with 4 or 8 bits per pixel (BI_RLE4, BI_RLE8).</summary>
internal static class BmpRunLength
{
    /// <summary>Decodes into <paramref name="pixels"/>, which the outcome owns.</summary>
    /// <param name="sample">Sample of the file.</param>
    /// <param name="data">The bytes from the first run on.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="palette">Blue, green, red of every index.</param>
    /// <param name="pixels">Pixels to fill.</param>
    /// <returns>The pixels; or a rejection where runs are missing or cross the image's edge.</returns>
    public static Outcome<Pixels> Decode(Sample sample, ReadOnlySpan<byte> data, BmpHeader header, ReadOnlySpan<byte> palette, Pixels pixels)
    {
        // Pixels that no run covers have index 0.
        var target = pixels.Bytes;
        for (var i = 0; i < target.Length; i += 3)
        {
            palette[..3].CopyTo(target[i..]);
        }

        var (x, y, at) = (0, 0, 0);
        while (at + 2 <= data.Length && y <= header.Height)
        {
            var (count, value) = (data[at], data[at + 1]);
            at += 2;
            if (count == 0 && value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (count == 0 && value == 1)
            {
                return pixels;
            }
            else if (count == 0 && value == 2)
            {
                if (at + 2 > data.Length)
                {
                    break;
                }

                (x, y, at) = (x + data[at], y + data[at + 1], at + 2);
            }
            else
            {
                var run = count == 0 ? value : count;
                var literal = count == 0 ? ((value * header.Bits) + 7) / 8 : 0;
                if (x + run > header.Width || y >= header.Height || at + literal > data.Length)
                {
                    break;
                }

                var source = count == 0 ? data.Slice(at, literal) : data.Slice(at - 1, 1);
                var start = ((header.TopDown ? y : header.Height - 1 - y) * header.Width) + x;
                Fill(target.Slice(start * 3, run * 3), source, header.Bits, palette, repeat: count != 0);
                (x, at) = (x + run, at + ((literal + 1) & ~1));
            }
        }

        // The mark of the end may be missing after the last row.
        if (y >= header.Height || (y == header.Height - 1 && x == header.Width))
        {
            return pixels;
        }

        pixels.Dispose();
        return sample.Reject("damaged BMP: its runs are incomplete");
    }

    // A repeated byte of 4-bit indices alternates between its halves.
    private static void Fill(Span<byte> target, ReadOnlySpan<byte> source, int bits, ReadOnlySpan<byte> palette, bool repeat)
    {
        for (var i = 0; i * 3 < target.Length; i++)
        {
            var (at, half) = bits == 8 ? (i, 0) : (i / 2, i % 2);
            var value = source[repeat ? 0 : at];
            var index = bits == 8 ? value : half == 0 ? value >> 4 : value & 15;
            palette.Slice(index * 3, 3).CopyTo(target[(i * 3)..]);
        }
    }
}
