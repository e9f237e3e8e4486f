using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>Image files written by hand, where an encoder would not write what the test needs.</summary>
internal static partial class ImageFixtures
{
    /// <summary>Writes a PNG of any colour type and depth; <paramref name="rows"/> are raw scan lines without filter bytes.</summary>
    public static byte[] Png(int width, int height, int bits, int colourType, byte[][] rows, params (string Type, byte[] Body)[] extra) =>
        Png(width, height, bits, colourType, rows, interlaced: false, extra);

    // Seven parameters: the fields of the file.
    private static byte[] Png(int width, int height, int bits, int colourType, byte[][] rows, bool interlaced, (string Type, byte[] Body)[] extra)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)bits, (byte)colourType, (byte)(interlaced ? 1 : 0));
        Chunk(file, "IHDR", header);
        foreach (var (type, body) in extra)
        {
            Chunk(file, type, body);
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rows)
            {
                zlib.WriteByte(0);
                zlib.Write(row);
            }
        }

        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>Writes a TIFF-structured EXIF block that contains only the orientation.</summary>
    public static byte[] Exif(int orientation, bool little)
    {
        var blob = new byte[26];
        Encoding.ASCII.GetBytes(little ? "II" : "MM").CopyTo(blob, 0);
        Short(2, 42);
        Long(4, 8);
        Short(8, 1);
        Short(10, 0x0112);
        Short(12, 3);
        Long(14, 1);
        Short(18, (ushort)orientation);
        return blob;

        void Short(int at, ushort v)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(blob.AsSpan(at), v);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(blob.AsSpan(at), v);
            }
        }

        void Long(int at, uint v)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(at), v);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(at), v);
            }
        }
    }

    /// <summary>Inserts a segment after the start of a JPEG.</summary>
    public static byte[] WithSegment(byte[] jpeg, byte marker, ReadOnlySpan<byte> body)
    {
        var length = body.Length + 2;
        return [.. jpeg.AsSpan(0, 2), 0xFF, marker, (byte)(length >> 8), (byte)length, .. body, .. jpeg.AsSpan(2)];
    }

    private static void Chunk(Stream file, string type, byte[] body)
    {
        var named = (byte[])[.. Encoding.ASCII.GetBytes(type), .. body];
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, body.Length);
        file.Write(word);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc(named));
        file.Write(word);
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
