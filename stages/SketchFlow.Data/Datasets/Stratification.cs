using System.Collections.Immutable;
using SketchFlow.Data.Machine;

namespace SketchFlow.Data.Datasets;

/// <summary>Samples by class, shuffled within each by their ids alone.</summary>
internal static class Stratification
{
    /// <summary>The classes in the order of their targets (samples without one first).</summary>
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

    public static ImmutableArray<Sample> OrderById(IEnumerable<Sample> samples) =>
        [.. samples.OrderBy(s => s.Id).ThenBy(s => s.ImagePath, StringComparer.Ordinal)];
}
