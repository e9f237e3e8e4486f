using System.Collections.Immutable;
using SketchFlow.Data.Machine;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Samples that a split keeps together, and the position that their common name gives them.</summary>
/// <param name="Name">Name of the group; for a sample without a group its image path.</param>
/// <param name="Position">Hash of split seed and name, uniform in [0, 1).</param>
/// <param name="Samples">Samples of the group.</param>
/// <param name="Classes">Targets of the samples without repetition, in ascending order; -1 stands for samples without a target.</param>
internal sealed record HashedGroup(string Name, double Position, ImmutableArray<Sample> Samples, ImmutableArray<int> Classes)
{
    private static readonly ulong _operation = KeyedRandom.Hash("group of a split");

    /// <summary>Collects samples into groups, in ascending order of their positions.</summary>
    /// <param name="samples">Samples in any order.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <param name="groupOf">Returns the name of a sample's group; null for a sample that is a group of its own.</param>
    public static ImmutableArray<HashedGroup> Collect(IEnumerable<Sample> samples, long seed, Func<Sample, string?>? groupOf) =>
    [
        .. samples.GroupBy(s => groupOf?.Invoke(s) is { } name ? (IsNamed: true, Name: name) : (IsNamed: false, Name: PathOf(s)))
            .Select(g => new HashedGroup(g.Key.Name, PositionOf(seed, g.Key.Name), [.. g], [.. g.Select(s => s.Target ?? -1).Distinct().Order()]))
            .OrderBy(g => g.Position).ThenBy(g => g.Name, StringComparer.Ordinal),
    ];

    /// <summary>Maps each class to the indices of its groups, in ascending order of the groups' positions.</summary>
    public static SortedDictionary<int, List<int>> IndexByClass(ImmutableArray<HashedGroup> groups)
    {
        var byClass = new SortedDictionary<int, List<int>>();
        for (var g = 0; g < groups.Length; g++)
        {
            foreach (var target in groups[g].Classes)
            {
                if (!byClass.TryGetValue(target, out var indices))
                {
                    byClass.Add(target, indices = []);
                }

                indices.Add(g);
            }
        }

        return byClass;
    }

    // Tables written on Windows separate folders by backslashes.
    private static string PathOf(Sample sample) => sample.ImagePath.Replace('\\', '/');

    private static double PositionOf(long seed, string name) => KeyedRandom.For(seed, 0, (long)KeyedRandom.Hash(name), _operation).NextUnit();
}
