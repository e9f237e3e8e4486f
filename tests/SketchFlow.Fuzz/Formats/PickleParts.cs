using System.Text;

namespace SketchFlow.Fuzz.Formats;

/// <summary>Pickles of protocol 2: opcodes with their arguments; grows by sharing and nesting.</summary>
public sealed class PickleParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        // Members that are no pickle, such as storages, have no parts.
        if (input is not [0x80, _, ..])
        {
            return [];
        }

        var parts = new List<Part>();
        for (var at = 2; at < input.Length;)
        {
            var argument = input[at] switch
            {
                (byte)'K' or (byte)'q' or (byte)'h' => 1,
                (byte)'M' => 2,
                (byte)'J' or (byte)'r' or (byte)'j' => 4,
                (byte)'X' when at + 5 <= input.Length => 4 + BitConverter.ToInt32(input, at + 1),
                0x8A when at + 2 <= input.Length => 1 + input[at + 1],
                (byte)'c' => Lines(input, at + 1, 2),
                _ => 0,
            };
            if (argument < 0 || argument > input.Length - at - 1)
            {
                break;
            }

            parts.Add(Part.Section(at, at + 1 + argument));
            if (argument is 1 or 2 or 4)
            {
                parts.Add(Part.Number(at + 1, argument));
            }
            else if (input[at] == (byte)'X')
            {
                parts.Add(Part.Number(at + 1, 4));
            }

            at += 1 + argument;
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        if (input is not [0x80, _, ..])
        {
            return input;
        }

        // Tuples that double what the memo holds, deep lists, and a large dictionary, in front of the pickle's own object.
        var (times, opcodes) = (random.Next(2, 3000), new List<byte>());
        switch (random.Next(4))
        {
            case 0:
                opcodes.AddRange([(byte)')', (byte)'q', 200]);
                for (var i = 0; i < Math.Min(times, 64); i++)
                {
                    opcodes.AddRange([(byte)'0', (byte)'h', 200, (byte)'h', 200, 0x86, (byte)'q', 200]);
                }

                opcodes.Add((byte)'0');
                break;
            case 1:
                opcodes.AddRange(Enumerable.Repeat((byte)']', times));
                opcodes.AddRange(Enumerable.Repeat((byte)'a', times - 1));
                opcodes.Add((byte)'0');
                break;
            case 2:
                opcodes.AddRange(Enumerable.Repeat((byte)'(', times));
                opcodes.AddRange(Enumerable.Repeat((byte)'t', times));
                opcodes.Add((byte)'0');
                break;
            default:
                opcodes.AddRange([(byte)'}', (byte)'(']);
                for (var i = 0; i < times; i++)
                {
                    var name = Encoding.ASCII.GetBytes($"k{i % 400}");
                    opcodes.AddRange([(byte)'X', (byte)name.Length, 0, 0, 0, .. name, (byte)'K', 1]);
                }

                opcodes.AddRange([(byte)'u', (byte)'0']);
                break;
        }

        return Replace(input, 2, 0, [.. opcodes]);
    }

    private static int Lines(byte[] input, int start, int lines)
    {
        var at = start;
        for (; at < input.Length && lines > 0; at++)
        {
            lines -= input[at] == (byte)'\n' ? 1 : 0;
        }

        return at - start;
    }
}
