using System.Buffers;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Decodes TIFF files that are uncompressed or compressed by PackBits, LZW or Deflate.</summary>
/// <remarks>
/// Hand-written because OpenCV gives uninitialised memory for separate planes of 16 bits, drops or multiplies alpha, and decodes strips with missing
/// data as black without an error.
/// </remarks>
internal static class TiffDecoder
{
    /// <summary>Decodes a file whose header is sound.</summary>
    /// <returns>One channel or blue, green, red; or a rejection where data are missing.</returns>
    public static Outcome<Pixels> Decode(Sample sample, ReadOnlySpan<byte> file)
    {
        var header = TiffHeader.Parse(file);
        var planes = header.Layout.SeparatePlanes ? header.Samples : 1;
        var rowLength = (((long)header.Segment.Width * (header.Samples / planes) * header.Layout.Bits) + 7) / 8;
        var rows = Math.Min(header.Segment.Height, header.Height);
        var (size, segmentSize) = ((long)header.Width * header.Height * header.Samples, rowLength * rows);
        if (Math.Max(size, segmentSize) > Array.MaxLength)
        {
            return sample.Reject("TIFF with more samples than fit into memory");
        }

        var isRaw = header.Layout.Coding == ImageCoding.Raw;
        var (samples, buffer) = (ArrayPool<byte>.Shared.Rent((int)size), ArrayPool<byte>.Shared.Rent(isRaw ? 0 : (int)segmentSize));
        try
        {
            for (var plane = 0; plane < planes; plane++)
            {
                if (!TryReadPlane(file, header, plane, buffer, samples))
                {
                    return sample.Reject("truncated or damaged TIFF: pixels are missing");
                }
            }

            return TiffColours.ToPixels(sample, header, samples);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool TryReadPlane(ReadOnlySpan<byte> file, TiffHeader header, int plane, Span<byte> buffer, Span<byte> samples)
    {
        var (across, down) = header.Segments;
        var perPixel = header.Layout.SeparatePlanes ? 1 : header.Samples;
        var rowLength = ((header.Segment.Width * perPixel * header.Layout.Bits) + 7) / 8;
        for (var i = 0; i < across * down; i++)
        {
            var (left, top) = (i % across * header.Segment.Width, i / across * header.Segment.Height);
            var (columns, rows) = (Math.Min(header.Segment.Width, header.Width - left), Math.Min(header.Segment.Height, header.Height - top));
            if (!TryExpand(header, header.BytesOf(file, (plane * across * down) + i), buffer, rowLength * rows, out var expanded))
            {
                return false;
            }

            for (var y = 0; y < rows; y++)
            {
                var row = expanded.Slice(y * rowLength, rowLength);
                var first = ((((top + y) * header.Width) + left) * header.Samples) + plane;
                TiffSamples.Unpack(row, header, samples[first..], (columns * perPixel, header.Samples / perPixel));
            }
        }

        return true;
    }

    private static bool TryExpand(TiffHeader header, ReadOnlySpan<byte> data, Span<byte> buffer, int length, out ReadOnlySpan<byte> expanded)
    {
        byte[]? reversed = null;
        if (header.HasReversedBits)
        {
            reversed = ArrayPool<byte>.Shared.Rent(data.Length);
            TiffSamples.ReverseBits(data, reversed);
            data = reversed.AsSpan(0, data.Length);
        }

        if (header.Layout.Coding == ImageCoding.Raw)
        {
            // A reversed copy stays with its span; the pool is not needed for it.
            expanded = data.Length < length ? default : data[..length];
            return data.Length >= length;
        }

        var output = buffer[..length];
        var written = header.Layout.Coding switch
        {
            ImageCoding.PackBits => TiffExpansion.PackBits(data, output),
            ImageCoding.Lzw => LzwDecoder.Decode(data, output, 8, isTiff: true),
            _ => TiffExpansion.Deflate(data, output),
        };
        if (reversed is not null)
        {
            ArrayPool<byte>.Shared.Return(reversed);
        }

        if (header.HasDifferences)
        {
            TiffSamples.AddDifferences(output, header);
        }

        expanded = output;
        return written == length;
    }
}
