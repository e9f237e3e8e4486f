using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a GIF file and checks that its first frame is complete.</summary>
/// <remarks>GIF89a: read to the end of the first frame, which is the one that is decoded.</remarks>
internal static class GifHeader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 13)
        {
            return ImageHeader.Broken(ImageFormat.Gif, "truncated GIF");
        }

        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
        var header = new ImageHeader(ImageFormat.Gif, width, height, 4) { Alpha = true };
        var truncated = header with { Fault = "truncated GIF" };
        var at = 13 + TableSize(file[10]);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case 0x21:
                    at = AfterBlocks(file, at + 2);
                    break;
                case 0x2C when at + 10 < file.Length:
                    return AfterBlocks(file, at + 10 + TableSize(file[at + 9]) + 1) <= file.Length ? header : truncated;
                default:
                    return header with { Fault = "damaged GIF: it has no frame" };
            }
        }

        return truncated;

        static int TableSize(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

        static int AfterBlocks(ReadOnlySpan<byte> file, int at)
        {
            while (at < file.Length)
            {
                var length = file[at];
                at += 1 + length;
                if (length == 0)
                {
                    return at;
                }
            }

            return int.MaxValue;
        }
    }
}
