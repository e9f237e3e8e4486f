using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Samples in a training and a validation part, each in the order of the ids.</summary>
/// <param name="Train">Samples to train on.</param>
/// <param name="Validation">Samples to validate on.</param>
public sealed record TrainValidationSplit(ImmutableArray<Sample> Train, ImmutableArray<Sample> Validation)
{
    /// <summary>Moves <paramref name="fraction"/> of every class to the validation part.</summary>
    /// <remarks>
    /// Each class contributes the floor or the ceiling of its share; the classes with the largest remainders contribute the ceiling, until the
    /// total is <c>round(fraction × samples)</c>. A class of two or more samples is in both parts, and a class of one sample is in the training
    /// part; where classes are too small these two rules have priority over the total. The result depends on the samples' ids, not on their
    /// order. Samples without a target count as one class.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public static TrainValidationSplit Stratified(IEnumerable<Sample> samples, double fraction, long seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!(fraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "Expected a fraction between 0 and 1.");
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
