using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SketchFlow.Scoring.Numerics;

/// <summary>Converts logits to probabilities in float64, stably: the largest logit is subtracted first.</summary>
/// <remarks>
/// Ensembles add probabilities as integer multiples of 2^-48. Such sums are exact in any order, so that the order of models, Gray codes,
/// partial sums and threads cannot change a result or break a tie. The grid is 60,000 times finer than float32's at 0.25.
/// </remarks>
public static class Softmax
{
    /// <summary>1.0 in fixed point: 2^48. Weights (counts of members) may sum to 2^14 before an int64 could overflow.</summary>
    public const long One = 1L << 48;

    /// <summary>Lower bound of a probability in the log-loss of an ensemble: half a step of the grid of 2^-48.</summary>
    public const double SmallestProbability = 0.5 / One;

    /// <summary>Computes the softmax of one row of logits: float64, (classes).</summary>
    /// <param name="logits">float32, (classes).</param>
    /// <param name="probabilities">Result.</param>
    /// <param name="temperature">Divisor of the logits.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Probabilities(ReadOnlySpan<float> logits, Span<double> probabilities, double temperature = 1)
    {
        var sum = Exponentials(logits, probabilities, 1 / temperature);
        Scale(probabilities, 1 / sum);
    }

    /// <summary>Computes the softmax of one row of logits in multiples of 2^-48, rounded to nearest.</summary>
    /// <param name="logits">float32, (classes).</param>
    /// <param name="probabilities">Result, (classes).</param>
    /// <param name="temperature">Divisor of the logits.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void FixedPoint(ReadOnlySpan<float> logits, Span<long> probabilities, double temperature = 1)
    {
        // The same storage holds the exponentials as float64 in between.
        var exponentials = MemoryMarshal.Cast<long, double>(probabilities);
        var sum = Exponentials(logits, exponentials, 1 / temperature);
        ToFixedPoint(exponentials, probabilities, One / sum);
    }

    /// <summary>Computes the logarithm of the sum of exponentials of one row, in float64.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var largest = Largest(logits);
        var sum = 0.0;
        foreach (var x in logits)
        {
            sum += Math.Exp((double)x - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>Returns the position of the largest value, the lowest position in a tie.</summary>
    public static int ArgMax<T>(ReadOnlySpan<T> values)
        where T : struct, IComparable<T>
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i].CompareTo(values[best]) > 0)
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Returns the position of the largest fixed-point value, the lowest position in a tie: first the maximum, then its position.</summary>
    internal static int IndexOfLargest(ReadOnlySpan<long> values)
    {
        var most = new Vector<long>(long.MinValue);
        var c = 0;
        for (; c <= values.Length - Vector<long>.Count; c += Vector<long>.Count)
        {
            most = Vector.Max(most, new Vector<long>(values[c..]));
        }

        var largest = long.MinValue;
        for (var lane = 0; lane < Vector<long>.Count; lane++)
        {
            largest = Math.Max(largest, most[lane]);
        }

        for (; c < values.Length; c++)
        {
            largest = Math.Max(largest, values[c]);
        }

        return values.IndexOf(largest);
    }

    /// <summary>Turns logits into probabilities in place and returns the log-loss of the target.</summary>
    internal static double InPlace(Span<double> logits, int target)
    {
        var largest = double.NegativeInfinity;
        foreach (var x in logits)
        {
            largest = Math.Max(largest, x);
        }

        var own = logits[target] - largest;
        var sum = 0.0;
        foreach (ref var x in logits)
        {
            x = Math.Exp(x - largest);
            sum += x;
        }

        foreach (ref var x in logits)
        {
            x /= sum;
        }

        return Math.Log(sum) - own;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToFixedPoint(ReadOnlySpan<double> values, Span<long> whole, double scale)
    {
        var i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            var x = Vector512.Create(values[i..]) * scale;
            Vector512.ConvertToInt64(Vector512.Round(x)).CopyTo(whole[i..]);
        }

        for (; i < values.Length; i++)
        {
            whole[i] = (long)Math.Round(values[i] * scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Exponentials(ReadOnlySpan<float> logits, Span<double> exponentials, double inverseTemperature)
    {
        if (logits.Length != exponentials.Length || logits.Length == 0)
        {
            throw new ArgumentException(
                $"There are {logits.Length} logits and {exponentials.Length} probabilities, expected equal numbers above 0.", nameof(exponentials));
        }

        var largest = (double)Largest(logits);
        var total = Vector512<double>.Zero;
        var i = 0;
        for (; i <= logits.Length - 8; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(logits[i..]));
            var e = Exp((Vector512.Create(low, high) - Vector512.Create(largest)) * inverseTemperature);
            e.CopyTo(exponentials[i..]);
            total += e;
        }

        var sum = Vector512.Sum(total);
        for (; i < logits.Length; i++)
        {
            // The tail uses the same polynomial, so that equal logits have equal probabilities.
            exponentials[i] = Exp(Vector512.Create((logits[i] - largest) * inverseTemperature)).ToScalar();
            sum += exponentials[i];
        }

        return sum;
    }

    /// <summary>
    /// Computes exp(x) for x ≤ 0 within 2 units in the last place; below -700 the result is exp(-700), which is 0 on the grid of 2^-48.
    /// </summary>
    /// <remarks>
    /// x = n ln 2 + r by Cody and Waite, the Taylor series to the 13th power for |r| ≤ 0.35, and n added to the exponent. Vector512.Exp would be equivalent,
    /// but the runtime first compiles it without optimisation: the first call of a search took 2 s instead of 0.1 s.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp(Vector512<double> x)
    {
        // Adding 1.5 × 2^52 rounds to an integer and leaves it in the low bits.
        var shift = Vector512.Create(6755399441055744.0);
        x = Vector512.Max(x, Vector512.Create(-700.0));
        var shifted = Vector512.MultiplyAddEstimate(x, Vector512.Create(1.4426950408889634), shift);
        var n = shifted - shift;
        var r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-0.6931471803691238), x);
        r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-1.9082149292705877e-10), r);
        var e = Vector512.Create(1.0 / 6227020800);
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 479001600));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 39916800));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 3628800));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 362880));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 40320));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 5040));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 720));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 120));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 24));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(1.0 / 6));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512.Create(0.5));
        e = Vector512.MultiplyAddEstimate(e, r, Vector512<double>.One);
        e = Vector512.MultiplyAddEstimate(e, r, Vector512<double>.One);
        return (e.AsInt64() + (shifted.AsInt64() << 52)).AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(Span<double> values, double factor)
    {
        var i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            (Vector512.Create<double>(values[i..]) * factor).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(ReadOnlySpan<float> logits)
    {
        var largest = float.NegativeInfinity;
        var i = 0;
        if (logits.Length >= 16)
        {
            var most = Vector512.Create<float>(logits);
            for (i = 16; i <= logits.Length - 16; i += 16)
            {
                most = Vector512.Max(most, Vector512.Create(logits[i..]));
            }

            for (var lane = 0; lane < 16; lane++)
            {
                largest = Math.Max(largest, most[lane]);
            }
        }

        for (; i < logits.Length; i++)
        {
            largest = Math.Max(largest, logits[i]);
        }

        return largest;
    }
}
