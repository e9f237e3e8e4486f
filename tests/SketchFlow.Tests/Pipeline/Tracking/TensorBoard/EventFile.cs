using System.Buffers.Binary;
using System.Text;

namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

/// <summary>Reads event files independently of the writer, from the definitions of the formats: checksums bit by bit, and a small Protobuf decoder.</summary>
internal static class EventFile
{
    public static IReadOnlyList<Event> Read(string path)
    {
        var events = new List<Event>();
        var bytes = File.ReadAllBytes(path).AsSpan();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var data = bytes.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Decode(data));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    /// <summary>Computes CRC-32C by long division (polynomial 0x1EDC6F41, reflected), with TensorFlow's mask.</summary>
    public static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = Crc(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }

    public static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
            }
        }

        return ~crc;
    }

    private static Event Decode(ReadOnlySpan<byte> data)
    {
        var (wall, step, version, start) = (0.0, 0L, default(string), false);
        var scalars = new Dictionary<string, float>(StringComparer.Ordinal);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, value, content) in Fields(data))
        {
            switch (field)
            {
                case 1: wall = BitConverter.UInt64BitsToDouble(value); break;
                case 2: step = (long)value; break;
                case 3: version = Encoding.UTF8.GetString(content); break;
                case 7: start = Fields(content).Any(f => f is (1, 1, _)); break;
                case 5:
                    foreach (var summary in Fields(content).Where(f => f.Field == 1))
                    {
                        var parts = Fields(summary.Content);
                        var tag = Encoding.UTF8.GetString(parts.Single(p => p.Field == 1).Content);
                        if (parts.Where(p => p.Field == 2).Select(p => (ulong?)p.Value).FirstOrDefault() is { } scalar)
                        {
                            scalars.Add(tag, BitConverter.UInt32BitsToSingle((uint)scalar));
                        }
                        else
                        {
                            var tensor = Fields(parts.Single(p => p.Field == 8).Content);
                            Assert.Equal(7UL, tensor.Single(t => t.Field == 1).Value); // DT_STRING
                            var plugin = Fields(Fields(parts.Single(p => p.Field == 9).Content).Single(p => p.Field == 1).Content);
                            Assert.Equal("text", Encoding.UTF8.GetString(plugin.Single(p => p.Field == 1).Content));
                            texts.Add(tag, Encoding.UTF8.GetString(tensor.Single(t => t.Field == 8).Content));
                        }
                    }

                    break;
                default: Assert.Fail($"field {field} of an event is not expected"); break;
            }
        }

        return new Event(wall, step, version, start, scalars, texts);
    }

    private static List<(int Field, ulong Value, byte[] Content)> Fields(ReadOnlySpan<byte> data)
    {
        var fields = new List<(int, ulong, byte[])>();
        while (data.Length > 0)
        {
            var tag = Varint(ref data);
            var (field, wire) = ((int)(tag >> 3), (int)(tag & 7));
            switch (wire)
            {
                case 0: fields.Add((field, Varint(ref data), [])); break;
                case 1: fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(data), [])); data = data[8..]; break;
                case 5: fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(data), [])); data = data[4..]; break;
                case 2:
                    var length = (int)Varint(ref data);
                    fields.Add((field, 0, data[..length].ToArray()));
                    data = data[length..];
                    break;
                default: Assert.Fail($"wire type {wire} is not expected"); break;
            }
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var one = data[0];
            data = data[1..];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return value;
            }

            shift += 7;
        }
    }
}
