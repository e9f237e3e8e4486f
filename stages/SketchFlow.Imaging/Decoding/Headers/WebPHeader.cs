using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a WebP file.</summary>
/// <remarks>RFC 9649: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).</remarks>
internal static class WebPHeader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var truncated = ImageHeader.Broken(ImageFormat.WebP, "truncated WebP");
        if (file.Length < 30 || BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > (ulong)file.Length - 8)
        {
            return truncated;
        }

        var chunk = file[12..];
        var body = file[20..];
        if (chunk.StartsWith("VP8 "u8))
        {
            var (columns, rows) = (BinaryPrimitives.ReadUInt16LittleEndian(body[6..]), BinaryPrimitives.ReadUInt16LittleEndian(body[8..]));
            return new(ImageFormat.WebP, columns & 0x3FFF, rows & 0x3FFF, 3);
        }

        if (chunk.StartsWith("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            return new(ImageFormat.WebP, (int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, 4) { Alpha = (bits >> 28 & 1) == 1 };
        }

        if (!chunk.StartsWith("VP8X"u8))
        {
            return ImageHeader.Broken(ImageFormat.WebP, "damaged WebP: unknown first chunk");
        }

        var (flags, orientation) = (body[0], 1);
        var at = 12L;
        while ((flags & 0x08) != 0 && at + 8 <= file.Length)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (file[(int)at..].StartsWith("EXIF"u8) && at + 8 + length <= file.Length)
            {
                var exif = file.Slice((int)at + 8, (int)length);
                orientation = ExifOrientation.Read(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
            }

            at += 8 + length + (length & 1);
        }

        var (width, height) = (1 + (body[4] | body[5] << 8 | body[6] << 16), 1 + (body[7] | body[8] << 8 | body[9] << 16));
        return new(ImageFormat.WebP, width, height, 4) { Alpha = (flags & 0x10) != 0, Orientation = orientation };
    }
}
