using System.Buffers;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Decodes the first frame of GIF files, on white.</summary>
/// <remarks>Hand-written because OpenCV reads every frame before it gives the first, and fills the screen around a frame with black.</remarks>
internal static class GifDecoder
{
    // First row and distance of the rows of each pass.
    private static readonly (int First, int Step)[] Passes = [(0, 8), (4, 8), (2, 4), (1, 2)];

    /// <summary>Decodes a file whose header is sound.</summary>
    /// <returns>Blue, green, red; or a rejection where codes are missing.</returns>
    public static Outcome<Pixels> Decode(Sample sample, ReadOnlySpan<byte> file)
    {
        var header = GifHeader.Parse(file);
        var symbolBits = file[header.CodesOffset];
        if (symbolBits is < 2 or > 8)
        {
            return sample.Reject($"damaged GIF: codes of {symbolBits} bits");
        }

        var count = header.Frame.Width * header.Frame.Height;
        var (codes, indices) = (ArrayPool<byte>.Shared.Rent(file.Length), ArrayPool<byte>.Shared.Rent(count));
        try
        {
            var length = Join(file[(header.CodesOffset + 1)..], codes);
            var decoded = LzwDecoder.Decode(codes.AsSpan(0, length), indices.AsSpan(0, count), symbolBits, isTiff: false);
            return decoded < count
                ? sample.Reject($"truncated or damaged GIF: {decoded} of {count} pixels in its first frame")
                : Paint(sample, header, Palette(file, header), indices);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(codes);
            ArrayPool<byte>.Shared.Return(indices);
        }
    }

    /// <summary>Joins the blocks of codes; the last block may be cut.</summary>
    private static int Join(ReadOnlySpan<byte> blocks, Span<byte> codes)
    {
        var (at, length) = (0, 0);
        while (at < blocks.Length && blocks[at] != 0)
        {
            var block = blocks.Slice(at + 1, Math.Min(blocks[at], blocks.Length - at - 1));
            block.CopyTo(codes[length..]);
            length += block.Length;
            at += 1 + block.Length;
        }

        return length;
    }

    // Indices after the palette's end are black.
    private static byte[] Palette(ReadOnlySpan<byte> file, GifHeader header)
    {
        var palette = new byte[3 * 256];
        for (var i = 0; i < header.Palette.Count; i++)
        {
            var at = header.Palette.Offset + (i * 3);
            (palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]) = (file[at + 2], file[at + 1], file[at]);
        }

        if (header.Transparent >= 0)
        {
            palette.AsSpan(header.Transparent * 3, 3).Fill(byte.MaxValue);
        }

        return palette;
    }

    private static Pixels Paint(Sample sample, GifHeader header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> indices)
    {
        var pixels = Pixels.Rent(sample, header.Size.Width, header.Size.Height, 3);
        pixels.Bytes.Fill(byte.MaxValue);
        var stored = 0;
        foreach (var (first, step) in header.IsInterlaced ? Passes : [(0, 1)])
        {
            for (var y = first; y < header.Frame.Height; y += step, stored++)
            {
                var source = indices.Slice(stored * header.Frame.Width, header.Frame.Width);
                var target = pixels.Bytes.Slice((((header.Corner.Top + y) * header.Size.Width) + header.Corner.Left) * 3, source.Length * 3);
                Palettes.Expand(source, 8, palette, target);
            }
        }

        return pixels;
    }
}
