using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>Decodes the still image of a PNG file to 8 bits on white, grey or colour; equal to OpenCV's pixels for intact files.</summary>
/// <remarks>
/// The PNG reader of OpenCV 4.13 also reads animations, and damaged ones ended the process or gave memory that was never written. Here rows are
/// inflated in pieces of constant size, so that neither memory nor time depend on anything but the announced number of pixels.
/// </remarks>
internal static class PngDecoder
{
    // Rows are inflated about this many bytes at a time, since each call of the inflater has a fixed cost.
    private const int Piece = 1 << 16;

    // Deflate stores at most 258 bytes in 2 bits.
    private const int LargestRatio = 1032;

    /// <summary>Decodes a file whose structure was accepted.</summary>
    /// <returns>Pixels of the channels and the orientation that are stored; or a rejection.</returns>
    public static unsafe Outcome<Pixels> Decode(Sample sample, ImageHeader header, ReadOnlySpan<byte> file)
    {
        var chunks = default(PngChunks);
        if (chunks.Read(file) is { } fault)
        {
            return sample.Reject(fault);
        }

        // The layouts that are decoded exclude unknown colour types and depths.
        if (chunks.Methods[0] != 0 || chunks.Methods[1] != 0 || chunks.Methods[2] > 1)
        {
            return sample.Reject("damaged PNG: its header has an unknown colour type, depth or method");
        }

        var layout = new PngLayout(header.Width, header.Height, header.Bits, chunks.ColourType);
        if (chunks.DataLength == 0
            || (long)layout.RowLength(header.Width) * header.Height > (LargestRatio * (long)chunks.DataLength) + Piece)
        {
            return sample.Reject("damaged PNG: image data is missing");
        }

        var data = chunks.DataChunks > 1 ? ArrayPool<byte>.Shared.Rent(chunks.DataLength) : null;
        var pixels = Pixels.Rent(sample, header.Width, header.Height, layout.Channels);
        try
        {
            if (!Collect(file, chunks, data))
            {
                return Rejected(sample, pixels, "damaged PNG: a chunk has the wrong checksum");
            }

            fixed (byte* start = data is null ? file.Slice(chunks.FirstData + 8, chunks.DataLength) : data.AsSpan(0, chunks.DataLength))
            {
                using var stored = new UnmanagedMemoryStream(start, chunks.DataLength);
                using var inflated = new ZLibStream(stored, CompressionMode.Decompress);
                var rows = new PngRows(layout, chunks.Palette, chunks.Transparency);
                if (Read(inflated, layout, rows, chunks.Methods[2] == 1, pixels) is { } damage)
                {
                    return Rejected(sample, pixels, damage);
                }
            }
        }
        finally
        {
            if (data is not null)
            {
                ArrayPool<byte>.Shared.Return(data);
            }
        }

        return pixels;
    }

    private static Outcome<Pixels> Rejected(Sample sample, Pixels pixels, string reason)
    {
        pixels.Dispose();
        return sample.Reject(reason);
    }

    // Checks the checksums, and joins the contents where there are several chunks.
    private static bool Collect(ReadOnlySpan<byte> file, PngChunks chunks, Span<byte> joined)
    {
        var at = chunks.FirstData;
        for (var i = 0; i < chunks.DataChunks; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file[at..]);
            if (!PngChunks.IsSound(file.Slice(at, 12 + length)))
            {
                return false;
            }

            if (!joined.IsEmpty)
            {
                file.Slice(at + 8, length).CopyTo(joined);
                joined = joined[length..];
            }

            at += 12 + length;
        }

        return true;
    }

    // Returns the reason where the data are damaged.
    private static string? Read(ZLibStream inflated, PngLayout layout, PngRows rows, bool interlaced, Pixels pixels)
    {
        var channels = pixels.Channels;
        var line = ArrayPool<byte>.Shared.Rent(layout.Width * channels);
        try
        {
            foreach (var pass in interlaced ? PngPass.Interlaced : PngPass.Whole)
            {
                var (width, height) = pass.SizeOf(layout.Width, layout.Height);
                if (width == 0 || height == 0)
                {
                    continue;
                }

                var damage = Pass(inflated, layout, width, height, (row, y) =>
                {
                    var target = pixels.Bytes.Slice((pass.Row(y) * layout.Width) * channels, layout.Width * channels);
                    if (!interlaced)
                    {
                        rows.Convert(row, target);
                        return;
                    }

                    var levels = line.AsSpan(0, width * channels);
                    rows.Convert(row, levels);
                    pass.Scatter(levels, target, channels);
                });
                if (damage is not null)
                {
                    return damage;
                }
            }

            // Reading past the last row checks the checksum of the data; more data than rows are ignored, as libpng does.
            _ = inflated.ReadByte();
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // Streams that need a dictionary, which PNG forbids, give an IOException.
            return "damaged PNG: its image data is corrupt";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(line);
        }
    }

    private static string? Pass(ZLibStream inflated, PngLayout layout, int width, int height, PngRowAction use)
    {
        var length = layout.RowLength(width) + 1;
        var count = Math.Clamp(Piece / length, 1, height);
        var buffer = ArrayPool<byte>.Shared.Rent(length * (count + 1));
        try
        {
            // Row 0 of the buffer holds the row above the piece.
            buffer.AsSpan(0, length).Clear();
            for (var y = 0; y < height; y += count)
            {
                var wanted = Math.Min(count, height - y);
                var piece = buffer.AsSpan(length, wanted * length);
                if (inflated.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false) < piece.Length)
                {
                    return "damaged PNG: image data is missing";
                }

                for (var i = 0; i < wanted; i++)
                {
                    var row = piece.Slice((i * length) + 1, length - 1);
                    var above = buffer.AsSpan((i * length) + 1, length - 1);
                    if (!PngFilter.Undo(piece[i * length], row, above, layout.BytesPerPixel))
                    {
                        return "damaged PNG: a row has an unknown filter";
                    }

                    use(row, y + i);
                }

                piece[^length..].CopyTo(buffer);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
