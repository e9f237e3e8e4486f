using SketchFlow.Data.Machine;
using SketchFlow.Fuzz.Readers;

namespace SketchFlow.Fuzz.Mutation;

/// <summary>Makes mutants of a reader's inputs. Equal (reader, seed, number) and equal seed inputs give equal bytes.</summary>
/// <param name="reader">The reader.</param>
/// <param name="inputs">The inputs that are mutated.</param>
public sealed class Mutator(Reader reader, IReadOnlyList<byte[]> inputs)
{
    /// <summary>Largest mutant, bytes.</summary>
    public const int MaxLength = 1 << 20;

    // Large inputs are read slowly; they are mutated more rarely, by their length.
    private const int SmallLength = 8192;

    private readonly PartMutations _parts = new(reader.Format);
    private readonly double[] _shares = [.. inputs.Select(i => 1 / Math.Max(1.0, (double)i.Length / SmallLength))];

    /// <summary>Makes one mutant.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="number">Number of the mutant.</param>
    public byte[] Create(long seed, long number)
    {
        var random = new Random(unchecked((int)KeyedRandom.For(seed, 0, number, reader.Name).NextBits()));
        var mutant = Pick(random);
        for (var changes = random.Next(3) switch { 0 => 2, 1 => random.Next(1, 6), _ => 1 }; changes > 0; changes--)
        {
            mutant = Change(mutant, random);
            if (mutant.Length > MaxLength)
            {
                mutant = mutant[..MaxLength];
            }
        }

        return random.Next(2) == 0 ? reader.Format.Seal(mutant) : mutant;
    }

    private byte[] Change(byte[] input, Random random) => random.Next(16) switch
    {
        0 or 1 => ByteMutations.FlipBits(input, random),
        2 => ByteMutations.SetBytes(input, random),
        3 => ByteMutations.Truncate(input, random),
        4 => ByteMutations.Remove(input, random),
        5 => ByteMutations.Insert(input, random),
        6 => ByteMutations.Splice(input, Pick(random), random),
        7 => ByteMutations.SetNumber(input, random.Next(input.Length + 1), 1 << random.Next(4), random),
        8 => reader.Format.Grow(input, random),
        _ => _parts.Change(input, Pick(random), random),
    };

    private byte[] Pick(Random random)
    {
        var (at, rest) = (0, random.NextDouble() * _shares.Sum());
        while (at < inputs.Count - 1 && (rest -= _shares[at]) >= 0)
        {
            at++;
        }

        return inputs[at];
    }
}
