using System.Collections.Immutable;
using SketchFlow.Data.Machine;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Groups samples by class and shuffles each class by the samples' ids.</summary>
internal static class Stratification
{
    /// <summary>Lists the classes in the order of their targets, samples without a target first.</summary>
    public static List<Sample[]> GroupByClass(IEnumerable<Sample> samples, long seed, string operation)
    {
        var hash = KeyedRandom.Hash(operation);
        return
        [
            .. samples.GroupBy(s => s.Target ?? -1).OrderBy(g => g.Key).Select(g => g
                .OrderBy(s => KeyedRandom.For(seed, 0, s.Id, hash).NextBits()).ThenBy(s => s.Id).ThenBy(s => s.ImagePath, StringComparer.Ordinal)
                .ToArray()),
        ];
    }

    /// <summary>Sorts samples by id.</summary>
    public static ImmutableArray<Sample> OrderById(IEnumerable<Sample> samples) =>
        [.. samples.OrderBy(s => s.Id).ThenBy(s => s.ImagePath, StringComparer.Ordinal)];
}
