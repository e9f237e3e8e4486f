using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a BMP file.</summary>
internal static class BmpHeader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        if (size == 12)
        {
            return new(ImageFormat.Bmp, BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]), 3);
        }

        if (file.Length < 34 || size < 40)
        {
            return ImageHeader.Broken(ImageFormat.Bmp, "truncated BMP");
        }

        var width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        var stored = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        var height = stored == int.MinValue ? 0 : Math.Abs(stored);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        var compression = BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        var header = new ImageHeader(ImageFormat.Bmp, width, height, 3);

        // Rows are padded to four bytes.
        var row = (((long)width * bits) + 31) / 32 * 4;
        return compression is 0 or 3 && offset + (row * height) > file.Length ? header with { Fault = "truncated BMP" } : header;
    }
}
