using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Cross validation: every sample is validated on in exactly one fold and learnt from in all others.</summary>
public static class Folds
{
    /// <summary>Deals every class over <paramref name="k"/> folds.</summary>
    /// <remarks>
    /// Classes are dealt one after the other like cards, so that the folds differ by at most one sample in every class and in all.
    /// A class of fewer than k samples is missing from some validation parts. The result depends on the samples' ids, not on their order.
    /// </remarks>
    /// <returns>k splits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds.</exception>
    /// <exception cref="RefusalException">There are fewer samples than folds.</exception>
    public static ImmutableArray<TrainValidationSplit> Stratified(IEnumerable<Sample> samples, int k, long seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        Sample[] dealt = [.. Stratification.GroupByClass(samples, seed, "folds").SelectMany(c => c)];
        if (dealt.Length < k)
        {
            throw new RefusalException($"{dealt.Length} samples cannot make {k} folds; ask for at most {dealt.Length}, or give more samples.");
        }

        return
        [
            .. Enumerable.Range(0, k).Select(fold => new TrainValidationSplit(
                Stratification.OrderById(dealt.Where((_, i) => i % k != fold)),
                Stratification.OrderById(dealt.Where((_, i) => i % k == fold)))),
        ];
    }
}
