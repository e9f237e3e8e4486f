using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>PNG files put together from chunks.</summary>
internal static class PngFixtures
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Joins chunks to a file.</summary>
    public static byte[] File(params byte[][] chunks) => [.. Signature, .. chunks.SelectMany(chunk => chunk)];

    /// <summary>Writes a chunk with its checksum.</summary>
    public static byte[] Chunk(string type, byte[] body)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. body, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }

    /// <summary>Returns a chunk with a wrong checksum.</summary>
    public static byte[] Damaged(byte[] chunk) => [.. chunk.AsSpan(0, chunk.Length - 1), (byte)(chunk[^1] ^ 1)];

    /// <summary>Writes an IHDR chunk.</summary>
    public static byte[] Header(int width, int height, int bits = 8, int colourType = 2, int interlace = 0) =>
        Chunk("IHDR", [.. Word(width), .. Word(height), (byte)bits, (byte)colourType, 0, 0, (byte)interlace]);

    /// <summary>Compresses rows, each with its filter byte.</summary>
    public static byte[] Data(IEnumerable<byte[]> rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rows)
            {
                zlib.Write(row);
            }
        }

        return packed.ToArray();
    }

    /// <summary>The chunk that ends a file.</summary>
    public static byte[] End() => Chunk("IEND", []);

    /// <summary>Writes four bytes, the highest first.</summary>
    public static byte[] Word(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    /// <summary>Filters a row as an encoder does.</summary>
    public static byte[] Filter(int filter, byte[] row, byte[] above, int distance)
    {
        var filtered = new byte[row.Length + 1];
        filtered[0] = (byte)filter;
        for (var i = 0; i < row.Length; i++)
        {
            int left = i < distance ? 0 : row[i - distance], up = above[i], corner = i < distance ? 0 : above[i - distance];
            var predicted = filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) };
            filtered[i + 1] = (byte)(row[i] - predicted);
        }

        return filtered;
    }

    // PNG specification, section 9.4.
    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
