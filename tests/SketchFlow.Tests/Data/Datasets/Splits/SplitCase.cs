using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;

namespace SketchFlow.Tests.Data.Datasets.Splits;

/// <summary>Random samples for laws of splits: uneven classes, rows without a label, groups within and across classes, rows without a group.</summary>
/// <param name="Samples">Samples with ascending ids.</param>
/// <param name="Groups">Name of each sample's group by its image path; a sample that is not listed is a group of its own.</param>
/// <param name="Fraction">Share to validate on.</param>
/// <param name="Seed">Seed of the split.</param>
public sealed record SplitCase(Sample[] Samples, Dictionary<string, string> Groups, double Fraction, long Seed)
{
    public string? GroupOf(Sample sample) => Groups.GetValueOrDefault(sample.ImagePath);

    /// <summary>Name of a sample's group, or its image path.</summary>
    public string KeyOf(Sample sample) => GroupOf(sample) ?? sample.ImagePath;

    /// <summary>Number of groups of a class.</summary>
    public int GroupsOf(int? target) => Samples.Where(s => s.Target == target).DistinctBy(KeyOf).Count();

    public static Property ForAll(bool acrossClasses, Func<SplitCase, bool> law)
    {
        var cases =
            from sizes in Gen.Choose(0, 40).ListOf()
            from fraction in Gen.Elements(0.05, 0.1, 0.2, 0.25, 1.0 / 3, 0.5, 0.8)
            from seed in Gen.Choose(int.MinValue, int.MaxValue)
            from perGroup in Gen.Choose(1, 8)
            select Create([.. sizes.Take(12)], fraction, seed, perGroup, acrossClasses);
        return Prop.ForAll(cases.ToArbitrary(), law);
    }

    private static SplitCase Create(int[] sizes, double fraction, int seed, int perGroup, bool acrossClasses)
    {
        int?[] targets = [.. sizes.SelectMany((size, target) => Enumerable.Repeat(target == 0 ? (int?)null : target, size))];
        var random = KeyedRandom.For(seed, 0, 0, "mix");
        random.Shuffle<int?>(targets);
        Sample[] samples = [.. targets.Select((t, i) => new Sample(3 * i, $"{t}/{i}.png", $"/none/{i}.png", t))];
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var sample in samples.Where(_ => random.Happens(0.8)))
        {
            var number = random.NextInteger(0, 1 + (samples.Length / perGroup));
            groups.Add(sample.ImagePath, acrossClasses ? $"photo {number}" : $"photo {number} of {sample.Target}");
        }

        return new SplitCase(samples, groups, fraction, seed);
    }
}
