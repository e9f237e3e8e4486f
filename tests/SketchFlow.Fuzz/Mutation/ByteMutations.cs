using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Mutation;

/// <summary>Changes of bytes without regard to their meaning.</summary>
internal static class ByteMutations
{
    private static readonly long[] _numbers =
    [
        0, 1, -1, 2, 3, 4, 7, 8, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 1024, 4096, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
        1L << 40, long.MaxValue, long.MinValue,
    ];

    /// <summary>Flips one to eight bits.</summary>
    public static byte[] FlipBits(byte[] input, Random random)
    {
        var result = (byte[])input.Clone();
        for (var flips = random.Next(1, random.Next(2) == 0 ? 2 : 9); flips > 0 && result.Length > 0; flips--)
        {
            result[random.Next(result.Length)] ^= (byte)(1 << random.Next(8));
        }

        return result;
    }

    /// <summary>Sets one to four bytes.</summary>
    public static byte[] SetBytes(byte[] input, Random random)
    {
        var result = (byte[])input.Clone();
        for (var bytes = random.Next(1, 5); bytes > 0 && result.Length > 0; bytes--)
        {
            result[random.Next(result.Length)] = random.Next(6) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, 3 => 0x80, _ => (byte)random.Next(256) };
        }

        return result;
    }

    /// <summary>Cuts the end off.</summary>
    public static byte[] Truncate(byte[] input, Random random) =>
        input[..(random.Next(3) == 0 ? Math.Max(0, input.Length - random.Next(1, 17)) : random.Next(input.Length + 1))];

    /// <summary>Removes a range.</summary>
    public static byte[] Remove(byte[] input, Random random)
    {
        var (start, length) = Range(input, random);
        return [.. input.AsSpan(0, start), .. input.AsSpan(start + length)];
    }

    /// <summary>Inserts random bytes, or repeats a range.</summary>
    public static byte[] Insert(byte[] input, Random random)
    {
        var (start, length) = Range(input, random);
        var added = input.AsSpan(start, length).ToArray();
        if (random.Next(2) == 0)
        {
            random.NextBytes(added);
        }

        return [.. input.AsSpan(0, start), .. added, .. input.AsSpan(start)];
    }

    /// <summary>Joins the beginning of one input and the end of another.</summary>
    public static byte[] Splice(byte[] input, byte[] other, Random random)
    {
        var cut = random.Next(input.Length + 1);
        var from = random.Next(2) == 0 ? Math.Min(cut, other.Length) : random.Next(other.Length + 1);
        return [.. input.AsSpan(0, cut), .. other.AsSpan(from)];
    }

    /// <summary>Writes a number that is often treated wrongly.</summary>
    /// <param name="input">The input.</param>
    /// <param name="start">Place of the number.</param>
    /// <param name="length">Number of its bytes: 1, 2, 4 or 8.</param>
    /// <param name="random">Source of randomness.</param>
    public static byte[] SetNumber(byte[] input, int start, int length, Random random)
    {
        if (start < 0 || start + length > input.Length)
        {
            return input;
        }

        Span<byte> number = stackalloc byte[8];
        var value = random.Next(4) switch
        {
            0 => _numbers[random.Next(_numbers.Length)],
            1 => input.Length + random.Next(-20, 20),
            2 => random.NextInt64(1L << Math.Min(62, random.Next(1, 8 * length))),
            _ => Near(input.AsSpan(start, length)) + random.Next(-2, 3),
        };
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        var result = (byte[])input.Clone();
        number[..length].CopyTo(result.AsSpan(start));
        if (random.Next(2) == 0)
        {
            result.AsSpan(start, length).Reverse();
        }

        return result;
    }

    private static long Near(ReadOnlySpan<byte> bytes)
    {
        var value = 0L;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private static (int Start, int Length) Range(byte[] input, Random random)
    {
        var start = random.Next(input.Length + 1);
        return (start, Math.Min(input.Length - start, random.Next(random.Next(3) == 0 ? 400 : 12)));
    }
}
