using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Cross-validation by a hash of the samples' groups: every group is in the validation part of exactly one fold.</summary>
/// <remarks>
/// A group is validated on by fold ⌊position × k⌋; positions are those of <see cref="HashSplit"/>. Two corrections apply, in this order. Where all of
/// two or more groups of a class fall into one fold, the group of the highest position goes to the next fold, so that every fold learns the class; with
/// groups of several classes, the first group and fold that give no other class the same fault. An empty fold takes the group of the highest position of
/// the fold with the most groups.
/// </remarks>
public static class HashFolds
{
    /// <summary>Distributes samples over folds by the hashes of their groups.</summary>
    /// <param name="samples">Samples in any order.</param>
    /// <param name="k">Number of folds.</param>
    /// <param name="seed">Seed of the folds.</param>
    /// <param name="groupOf">Returns the name of a sample's group; null for a sample that is a group of its own.</param>
    /// <returns>k splits, whose parts are in the order of the ids.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two folds.</exception>
    /// <exception cref="RefusalException">There are fewer groups than folds.</exception>
    public static ImmutableArray<TrainValidationSplit> Split(IEnumerable<Sample> samples, int k, long seed, Func<Sample, string?>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        var groups = HashedGroup.Collect(samples, seed, groupOf);
        if (groups.Length < k)
        {
            var units = groupOf is null ? "images" : "groups";
            throw new RefusalException($"{groups.Length} {units} cannot make {k} folds; use at most {groups.Length} folds, or more {units}.");
        }

        int[] folds = [.. groups.Select(g => Math.Min(k - 1, (int)(g.Position * k)))];
        SpreadClasses(groups, folds, k);
        FillEmptyFolds(folds, k);
        return
        [
            .. Enumerable.Range(0, k).Select(fold => new TrainValidationSplit(
                Stratification.OrderById(groups.Where((_, g) => folds[g] != fold).SelectMany(g => g.Samples)),
                Stratification.OrderById(groups.Where((_, g) => folds[g] == fold).SelectMany(g => g.Samples)))),
        ];
    }

    private static void SpreadClasses(ImmutableArray<HashedGroup> groups, int[] folds, int k)
    {
        var byClass = HashedGroup.IndexByClass(groups);
        bool IsSpread(int target) => byClass[target] is var all && (all.Count == 1 || !all.TrueForAll(g => folds[g] == folds[all[0]]));
        foreach (var (target, members) in byClass)
        {
            for (var move = 0; move < members.Count * (k - 1) && !IsSpread(target); move++)
            {
                var moved = members[^(1 + (move / (k - 1)))];
                var from = folds[moved];
                folds[moved] = (from + 1 + (move % (k - 1))) % k;
                if (!groups[moved].Classes.All(IsSpread))
                {
                    folds[moved] = from;
                }
            }
        }
    }

    private static void FillEmptyFolds(int[] folds, int k)
    {
        var counts = new int[k];
        foreach (var fold in folds)
        {
            counts[fold]++;
        }

        for (var empty = 0; empty < k; empty++)
        {
            if (counts[empty] == 0)
            {
                var donor = Array.IndexOf(counts, counts.Max());
                folds[Array.LastIndexOf(folds, donor)] = empty;
                (counts[donor], counts[empty]) = (counts[donor] - 1, 1);
            }
        }
    }
}
