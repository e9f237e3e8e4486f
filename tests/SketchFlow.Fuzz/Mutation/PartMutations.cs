using System.Text;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Mutation;

/// <summary>
/// Changes of the parts that a format names: sections are repeated, removed, moved and taken from other inputs; numbers and words are replaced.
/// </summary>
/// <param name="format">The format of the inputs.</param>
internal sealed class PartMutations(InputFormat format)
{
    /// <summary>Changes one or two parts of an input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="other">Another input of the same kind.</param>
    /// <param name="random">Source of randomness.</param>
    public byte[] Change(byte[] input, byte[] other, Random random)
    {
        var parts = format.FindParts(input);
        if (parts.Count == 0)
        {
            return ByteMutations.FlipBits(input, random);
        }

        var kind = parts[random.Next(parts.Count)].Kind;
        Part[] some = [.. parts.Where(p => p.Kind == kind && p.End <= input.Length)];
        return some.Length == 0 ? ByteMutations.FlipBits(input, random) : kind switch
        {
            PartKind.Section => ChangeSection(input, other, some, random),
            PartKind.Number => ChangeNumbers(input, some, random),
            _ => ChangeWord(input, some, random),
        };
    }

    private byte[] ChangeSection(byte[] input, byte[] other, Part[] sections, Random random)
    {
        var (one, two) = (Pick(sections, random), Pick(sections, random));
        switch (random.Next(5))
        {
            case 0:
                return Put(input, one.End, 0, input.AsSpan(one.Start, one.Length));
            case 1:
                return Put(input, one.Start, one.Length, []);
            case 2:
                return Put(input, two.Start, 0, input.AsSpan(one.Start, one.Length));
            case 3 when one.Start > two.End:
                var without = Put(input, one.Start, one.Length, []);
                return Put(without, two.Start, 0, input.AsSpan(one.Start, one.Length));
            default:
                Part[] theirs = [.. format.FindParts(other).Where(p => p.Kind == PartKind.Section && p.End <= other.Length)];
                var their = theirs.Length == 0 ? new Part(0, other.Length, PartKind.Section) : Pick(theirs, random);
                return Put(input, one.Start, random.Next(2) == 0 ? one.Length : 0, other.AsSpan(their.Start, their.Length));
        }
    }

    // Two numbers together find what depends on both, such as width and height.
    private static byte[] ChangeNumbers(byte[] input, Part[] numbers, Random random)
    {
        for (var changes = random.Next(1, 3); changes > 0; changes--)
        {
            var number = Pick(numbers, random);
            input = ByteMutations.SetNumber(input, number.Start, number.Length, random);
        }

        return input;
    }

    private byte[] ChangeWord(byte[] input, Part[] words, Random random)
    {
        var word = Pick(words, random);
        var (known, from) = (format.Words, Pick(words, random));
        var by = known.Count > 0 && random.Next(3) > 0 ? Encoding.UTF8.GetBytes(known[random.Next(known.Count)]) : input[from.Start..from.End];
        return Put(input, word.Start, random.Next(4) == 0 ? 0 : word.Length, by);
    }

    private static Part Pick(Part[] parts, Random random) => parts[random.Next(parts.Length)];

    private static byte[] Put(byte[] input, int start, int length, ReadOnlySpan<byte> by) =>
        [.. input.AsSpan(0, start), .. by, .. input.AsSpan(start + length)];
}
