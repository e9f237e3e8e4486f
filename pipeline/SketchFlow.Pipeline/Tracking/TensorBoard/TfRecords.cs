using System.Buffers.Binary;
using System.Numerics;

namespace SketchFlow.Pipeline.Tracking.TensorBoard;

/// <summary>
/// TensorFlow's record framing: length (uint64), masked CRC of the length (uint32), bytes, masked CRC of the bytes (uint32), all little-endian
/// (tensorflow/core/lib/io/record_writer.h).
/// </summary>
public static class TfRecords
{
    /// <summary>Appends a record.</summary>
    public static void Append(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        Span<byte> foot = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(foot, MaskedCrc(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(foot);
    }

    /// <summary>
    /// Computes TensorFlow's masked CRC: CRC-32C (Castagnoli) rotated right by 15 bits, plus a constant. The mask avoids computing the CRC of data
    /// that contains its own CRC.
    /// </summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        for (; data.Length >= 8; data = data[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (var one in data)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
