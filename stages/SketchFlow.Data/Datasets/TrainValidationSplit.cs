using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets;

/// <summary>Samples in two parts, each in the order of the ids: one to learn from, one to choose by.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Validation">To choose by.</param>
public sealed record TrainValidationSplit(ImmutableArray<Sample> Train, ImmutableArray<Sample> Validation)
{
    /// <summary>Sets aside <paramref name="fraction"/> of every class.</summary>
    /// <remarks>
    /// Each class gives the floor or the ceiling of its share, ceilings going to the largest remainders until the total is
    /// <c>round(fraction × samples)</c>. A class of two or more stands on both sides and a class of one is learnt from;
    /// these rules come before the total where classes are too small for both. The result depends on the samples' ids,
    /// not on their order. Samples without a target count as one class.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public static TrainValidationSplit Stratified(IEnumerable<Sample> samples, double fraction, long seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!(fraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A split needs a fraction between 0 and 1.");
        }

        var classes = Stratification.GroupByClass(samples, seed, "split");
        var shares = new Share[classes.Count];
        for (var c = 0; c < shares.Length; c++)
        {
            var count = classes[c].Length;
            var quota = fraction * count;
            var (least, most) = count > 1 ? (1, count - 1) : (0, 0);
            shares[c] = new Share(c, quota, Math.Clamp((int)quota, least, most), Math.Clamp((int)Math.Ceiling(quota), least, most));
        }

        var missing = (int)Math.Round(fraction * classes.Sum(c => c.Length), MidpointRounding.AwayFromZero) - shares.Sum(s => s.Taken);
        foreach (var share in shares.Where(s => s.Taken < s.Most).OrderByDescending(s => s.Quota - s.Taken).ThenBy(s => s.Class).Take(Math.Max(0, missing)))
        {
            shares[share.Class] = share with { Taken = share.Taken + 1 };
        }

        return new TrainValidationSplit(
            Stratification.OrderById(shares.SelectMany(s => classes[s.Class].Skip(s.Taken))),
            Stratification.OrderById(shares.SelectMany(s => classes[s.Class].Take(s.Taken))));
    }

    private sealed record Share(int Class, double Quota, int Taken, int Most);
}
