using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>Reads opcodes and their inline arguments from the bytes of a pickle; every length is checked before it is used.</summary>
internal sealed class PickleReader(byte[] bytes)
{
    private const int MaxIntegerBytes = 64;

    /// <summary>Position of the next byte.</summary>
    public int Position { get; private set; }

    /// <summary>Reads an opcode.</summary>
    public PickleOpcode Opcode() => (PickleOpcode)Byte();

    /// <summary>Reads an unsigned integer of one byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads an unsigned integer of two bytes.</summary>
    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>Reads a signed integer of four bytes.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Reads an unsigned integer of four bytes.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads a float64 in big-endian order.</summary>
    public double Float64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Reads bytes that follow their length, which is stored in one byte.</summary>
    public ReadOnlySpan<byte> Bytes1() => Take(Byte());

    /// <summary>Reads bytes that follow their length, which is stored in four bytes.</summary>
    public ReadOnlySpan<byte> Bytes4() => Take(Checked(UInt32()));

    /// <summary>Reads bytes that follow their length, which is stored in eight bytes.</summary>
    public ReadOnlySpan<byte> Bytes8() => Take(Checked(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));

    /// <summary>Reads the length of a frame and checks that its bytes exist. The frame's contents are read next, as if there were no frame.</summary>
    public void Frame()
    {
        var contents = Position + 8;
        Bytes8();
        Position = contents;
    }

    /// <summary>Reads text up to the end of the line.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw new PickleException($"a line that begins at byte {Position} of its pickle has no end");
        }

        var text = Text(Take(length));
        Position++;
        return text;
    }

    /// <summary>Reads a decimal integer on a line of its own.</summary>
    public long IntegerLine() => Integer(Line());

    /// <summary>Reads a decimal integer with the suffix L on a line of its own.</summary>
    public long LongLine() => Integer(Line().TrimEnd('L'));

    /// <summary>Reads a decimal number on a line of its own.</summary>
    public double NumberLine()
    {
        var text = Line();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PickleException($"its pickle contains '{text}', expected a number");
    }

    /// <summary>Decodes UTF-8.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>
    /// Decodes an integer in little-endian two's complement. A value above 64 bits becomes a double: no number of that size is used here.
    /// </summary>
    public static object BigInteger(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > MaxIntegerBytes)
        {
            throw new PickleException($"its pickle contains an integer of {digits.Length} bytes, expected at most {MaxIntegerBytes}");
        }

        var value = new BigInteger(digits);
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : (double)value;
    }

    private static long Integer(string text) => text switch
    {
        "00" => 0, // False and True of protocol 0
        "01" => 1,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw new PickleException($"its pickle contains '{text}', expected an integer"),
    };

    private int Checked(ulong length) => length <= (ulong)(bytes.Length - Position)
        ? (int)length
        : throw new PickleException($"a value of {length} bytes begins at byte {Position} of its pickle, which has only {bytes.Length}");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - Position)
        {
            throw new PickleException($"its pickle is incomplete: it ends at byte {bytes.Length}");
        }

        Position += count;
        return bytes.AsSpan(Position - count, count);
    }
}
