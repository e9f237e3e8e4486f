using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Stratified k-fold cross-validation: every sample is in the validation part of exactly one fold and in the training part of all others.</summary>
public static class Folds
{
    /// <summary>Distributes every class over <paramref name="k"/> folds.</summary>
    /// <remarks>
    /// The samples are assigned to the folds in turn, class after class, so that the folds differ by at most one sample, per class and in total.
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
            throw new RefusalException($"{dealt.Length} samples cannot make {k} folds; use at most {dealt.Length} folds, or more samples.");
        }

        return
        [
            .. Enumerable.Range(0, k).Select(fold => new TrainValidationSplit(
                Stratification.OrderById(dealt.Where((_, i) => i % k != fold)),
                Stratification.OrderById(dealt.Where((_, i) => i % k == fold)))),
        ];
    }
}
