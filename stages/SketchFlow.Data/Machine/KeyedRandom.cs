using System.Text;

namespace SketchFlow.Data.Machine;

/// <summary>
/// Randomness as an argument: a counter-based stream keyed by (run seed, epoch, sample id, operation). The same key gives
/// the same numbers on any machine, in any order and on any number of workers.
/// </summary>
/// <remarks>
/// Output i is SplitMix64's mix of key + (i + 1) × golden gamma (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014); the key is the same mix applied to each part in turn. It is a mutable struct: pass it by <c>ref</c>.
/// </remarks>
public struct KeyedRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private ulong _counter;

    private KeyedRandom(ulong key) => (_key, _counter) = (key, 0);

    /// <summary>Creates the stream of one operation on one sample in one epoch of one run.</summary>
    public static KeyedRandom For(long seed, int epoch, long sampleId, string operation) =>
        For(seed, epoch, sampleId, Hash(operation));

    /// <summary>Creates the stream from the precomputed <see cref="Hash"/> of the operation's name, for inner loops.</summary>
    public static KeyedRandom For(long seed, int epoch, long sampleId, ulong operation)
    {
        var key = Mix((ulong)seed + Golden);
        key = Mix(key ^ ((ulong)(uint)epoch + Golden));
        key = Mix(key ^ ((ulong)sampleId + Golden));
        return new KeyedRandom(Mix(key ^ operation));
    }

    /// <summary>Computes the 64-bit FNV-1a of the UTF-8 name, which is stable between processes, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static ulong Hash(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = 0xCBF29CE484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    /// <summary>Creates a separate stream for a part of the operation; this one does not advance.</summary>
    public readonly KeyedRandom Fork(ulong part) => new(Mix(_key ^ Mix(part + Golden)));

    /// <summary>Draws 64 random bits.</summary>
    public ulong NextBits() => Mix(_key + (++_counter * Golden));

    /// <summary>Draws a uniform number in [0, 1), of 53 bits.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws a uniform number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double NextUniform(double low, double high) => low + ((high - low) * NextUnit());

    /// <summary>Draws a uniform integer in [<paramref name="low"/>, <paramref name="high"/>), by the high word of a product (bias below 2^-32).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    public int NextInteger(int low, int high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        return low + (int)(((NextBits() >> 32) * (ulong)((long)high - low)) >> 32);
    }

    /// <summary>Draws true with probability <paramref name="p"/>; uses one number of the stream for every p, so that streams stay aligned.</summary>
    public bool Happens(double p) => NextUnit() < p;

    /// <summary>Draws from the standard normal distribution (Box and Muller 1958), using two numbers of the stream.</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextUnit()));
        return radius * Math.Cos(2 * Math.PI * NextUnit());
    }

    /// <summary>Shuffles in place (Fisher and Yates, Durstenfeld's form).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInteger(0, i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
