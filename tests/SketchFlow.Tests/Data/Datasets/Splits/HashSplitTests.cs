using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Machine;

namespace SketchFlow.Tests.Data.Datasets.Splits;

public class HashSplitTests
{
    [Property(MaxTest = 200)]
    public Property A_split_is_a_partition_in_the_order_of_ids_that_keeps_groups_whole() => SplitCase.ForAll(acrossClasses: true, c =>
    {
        var split = Split(c);
        return split.Train.Concat(split.Validation).OrderBy(s => s.Id).SequenceEqual(c.Samples)
            && IsSorted(split.Train) && IsSorted(split.Validation)
            && !split.Train.Select(c.KeyOf).Intersect(split.Validation.Select(c.KeyOf), StringComparer.Ordinal).Any();
    });

    [Property(MaxTest = 200)]
    public Property A_class_of_two_images_is_in_both_parts_and_one_of_one_image_is_learnt() => SplitCase.ForAll(acrossClasses: false, c =>
    {
        var split = HashSplit.Split(c.Samples, c.Fraction, c.Seed);
        return c.Samples.GroupBy(s => s.Target).All(rows =>
            split.Train.Any(s => s.Target == rows.Key) && split.Validation.Any(s => s.Target == rows.Key) == rows.Count() > 1);
    });

    [Property(MaxTest = 200)]
    public Property With_groups_every_class_is_learnt_and_one_of_enough_groups_is_in_both_parts() => SplitCase.ForAll(acrossClasses: false, c =>
    {
        var split = Split(c);
        int?[] targets = [.. c.Samples.Select(s => s.Target).Distinct()];
        return targets.All(target => split.Train.Any(s => s.Target == target)
                && (split.Validation.Any(s => s.Target == target) || c.GroupsOf(target) < Math.Ceiling(1 / c.Fraction)))
            && split.Validation.Any() == targets.Any(target => c.GroupsOf(target) > 1);
    });

    [Fact]
    public void Of_classes_of_three_groups_a_fifth_is_validated_on_and_not_a_third()
    {
        Sample[] samples = [.. Enumerable.Range(0, 3000).Select(i => Row(i, $"{i % 200}/{i}.png", i % 200))];
        var split = HashSplit.Split(samples, 0.2, 1, s => $"photo {s.Target} {s.Id / 200 % 3}");
        // Five standard deviations of 600 draws.
        Assert.Equal(0.2, split.Validation.Length / 3000.0, 5 * Math.Sqrt(0.2 * 0.8 / 600));
    }

    [Property(MaxTest = 200)]
    public Property Every_class_is_learnt_where_groups_span_classes() => SplitCase.ForAll(acrossClasses: true, c =>
        Split(c) is var split && c.Samples.Select(s => s.Target).Distinct().All(target => split.Train.Any(s => s.Target == target)));

    [Property(MaxTest = 200)]
    public Property Order_and_numbers_of_the_rows_do_not_matter() => SplitCase.ForAll(acrossClasses: true, c =>
    {
        Sample[] shuffled = [.. c.Samples];
        KeyedRandom.For(c.Seed, 0, 0, "test").Shuffle<Sample>(shuffled);
        shuffled = [.. shuffled.Select((s, i) => s with { Id = i })];
        return Paths(Split(c).Validation).SetEquals(Paths(Split(c with { Samples = shuffled }).Validation));
    });

    [Property(MaxTest = 200)]
    public Property Added_samples_move_no_others_except_in_a_class_that_had_none_of_its_own_on_one_side() => SplitCase.ForAll(acrossClasses: false, c =>
    {
        var kept = c.Samples.Where((_, i) => i % 4 != 1).ToArray();
        var (before, after) = (Split(c with { Samples = kept }), Split(c));
        var (trained, validated) = (Paths(after.Train), Paths(after.Validation));
        return kept.GroupBy(s => s.Target).All(byClass =>
        {
            // At most the one group that a correction moved goes back; all others stay.
            var moved = byClass.Where(s => before.Train.Contains(s) ? !trained.Contains(s.ImagePath) : !validated.Contains(s.ImagePath));
            return moved.Select(c.KeyOf).Distinct(StringComparer.Ordinal).Count() <= 1;
        });
    });

    [Fact]
    public void In_large_classes_no_sample_is_moved_by_added_ones()
    {
        Sample[] few = [.. Enumerable.Range(0, 300).Select(i => Row(i, $"a/{i}.png", i % 3))];
        Sample[] many = [.. few, .. Enumerable.Range(300, 500).Select(i => Row(i, $"b/{i}.png", i % 5))];
        var (before, after) = (HashSplit.Split(few, 0.2, 7), HashSplit.Split(many, 0.2, 7));
        Assert.Empty(before.Validation.Except(after.Validation));
        Assert.Empty(before.Train.Except(after.Train));
    }

    [Fact]
    public void Shares_of_classes_are_the_fraction_within_the_deviation_of_the_binomial_distribution()
    {
        foreach (var fraction in (double[])[0.05, 0.2, 0.5])
        {
            var samples = Enumerable.Range(0, 20_000).Select(i => Row(i, $"{i % 5}/sketch_{i}.png", i % 5)).ToArray();
            for (var seed = 0; seed < 5; seed++)
            {
                var split = HashSplit.Split(samples, fraction, seed);
                Assert.All(Enumerable.Range(0, 5), target =>
                    // Five standard deviations of 4,000 draws.
                    Assert.Equal(fraction, split.Validation.Count(s => s.Target == target) / 4000.0, 5 * Math.Sqrt(fraction * (1 - fraction) / 4000)));
            }
        }
    }

    [Fact]
    public void The_lowest_hash_is_validated_on_and_the_highest_is_learnt_where_a_class_is_small()
    {
        // For any fraction, one of the two groups is on each side, and always the same.
        Sample[] samples = [Row(0, "a/1.png", 0), Row(1, "a/2.png", 0)];
        var paths = ((double[])[0.001, 0.2, 0.5, 0.8, 0.999]).Select(f => HashSplit.Split(samples, f, 3).Validation.Single().ImagePath);
        Assert.Single(paths.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void A_group_that_is_all_that_a_class_learns_from_stays_in_training()
    {
        // Both groups of class 0 are the only group of another class: none can be validated on.
        Sample[] samples = [Row(0, "a/1.png", 0), Row(1, "a/2.png", 0), Row(2, "b/1.png", 1), Row(3, "c/1.png", 2)];
        string GroupOf(Sample s) => s.ImagePath is "a/1.png" or "b/1.png" ? "one" : "two";
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Empty(HashSplit.Split(samples, 0.5, seed, GroupOf).Validation);
        }
    }

    [Fact]
    public void The_split_is_the_same_on_every_machine()
    {
        Sample[] samples = [.. Enumerable.Range(0, 20).Select(i => Row(i, $"a/{i}.png", 0))];
        Assert.Equal("3 9 13", string.Join(' ', HashSplit.Split(samples, 0.2, 1).Validation.Select(s => s.Id)));
        // A table that was written on Windows separates folders by backslashes.
        Assert.Equal(
            HashSplit.Split(samples, 0.2, 1).Validation.Select(s => s.Id),
            HashSplit.Split(samples.Select(s => s with { ImagePath = s.ImagePath.Replace('/', '\\') }), 0.2, 1).Validation.Select(s => s.Id));
    }

    [Fact]
    public void Seeds_split_in_different_ways_and_impossible_fractions_are_refused()
    {
        Sample[] samples = [.. Enumerable.Range(0, 100).Select(i => Row(i, $"a/{i}.png", i % 4))];
        Assert.NotEqual(HashSplit.Split(samples, 0.2, 1).Validation, HashSplit.Split(samples, 0.2, 2).Validation);
        Assert.All([0, 1, -0.1, double.NaN], f => Assert.Throws<ArgumentOutOfRangeException>(() => HashSplit.Split(samples, f, 0)));
        Assert.Empty(HashSplit.Split([], 0.5, 0).Validation);
    }

    private static TrainValidationSplit Split(SplitCase c) => HashSplit.Split(c.Samples, c.Fraction, c.Seed, c.GroupOf);

    private static HashSet<string> Paths(IEnumerable<Sample> samples) => samples.Select(s => s.ImagePath).ToHashSet(StringComparer.Ordinal);

    private static bool IsSorted(IReadOnlyList<Sample> samples) => samples.Zip(samples.Skip(1)).All(p => p.First.Id < p.Second.Id);

    private static Sample Row(long id, string path, int target) => new(id, path, $"/none/{path}", target);
}
