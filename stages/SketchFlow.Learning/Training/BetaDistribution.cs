using SketchFlow.Data.Machine;

namespace SketchFlow.Learning.Training;

/// <summary>Draws from the symmetric distribution Beta(α, α), from which Mixup and CutMix take their shares.</summary>
internal static class BetaDistribution
{
    /// <summary>
    /// Draws a number in [0, 1] as a ratio of two gamma variables. The ratio is computed from their logarithms: for small α both variables are usually
    /// below the smallest double, and their ratio would be 0/0.
    /// </summary>
    /// <param name="chance">The random stream.</param>
    /// <param name="alpha">α, above 0.</param>
    public static double Draw(ref KeyedRandom chance, double alpha)
    {
        var (first, second) = (LogGamma(ref chance, alpha), LogGamma(ref chance, alpha));
        return 1 / (1 + Math.Exp(second - first));
    }

    // The logarithm of a gamma variable: Marsaglia and Tsang 2000; shapes below 1 are drawn through shape + 1.
    private static double LogGamma(ref KeyedRandom chance, double shape)
    {
        if (shape < 1)
        {
            return LogGamma(ref chance, shape + 1) + (Math.Log(1 - chance.NextUnit()) / shape);
        }

        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = chance.NextNormal();
            var v = Math.Pow(1 + (c * normal), 3);
            if (v > 0 && Math.Log(1 - chance.NextUnit()) < (0.5 * normal * normal) + d - (d * v) + (d * Math.Log(v)))
            {
                return Math.Log(d * v);
            }
        }
    }
}
