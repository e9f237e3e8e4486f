using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Datasets.Splits;

public class HashFoldsTests
{
    [Property(MaxTest = 200)]
    public Property Every_group_is_validated_on_in_exactly_one_fold_and_no_fold_is_empty() => ForAll(acrossClasses: true, (c, k) =>
    {
        var folds = HashFolds.Split(c.Samples, k, c.Seed, c.GroupOf);
        return folds.Length == k
            && folds.SelectMany(f => f.Validation).OrderBy(s => s.Id).SequenceEqual(c.Samples)
            && folds.All(f => f.Validation.Length > 0 && f.Train.Concat(f.Validation).OrderBy(s => s.Id).SequenceEqual(c.Samples))
            && folds.SelectMany((f, fold) => f.Validation.Select(s => (Key: c.KeyOf(s), fold))).Distinct().GroupBy(p => p.Key).All(g => g.Count() == 1);
    });

    [Property(MaxTest = 200)]
    public Property A_class_of_two_groups_is_never_all_in_one_fold() => ForAll(acrossClasses: false, (c, k) =>
        HashFolds.Split(c.Samples, k, c.Seed, c.GroupOf) is var folds
        && c.Samples.Select(s => s.Target).Distinct().Where(t => c.GroupsOf(t) > 1).All(t => folds.All(f => f.Train.Any(s => s.Target == t))));

    [Property(MaxTest = 200)]
    public Property Order_and_numbers_of_the_rows_do_not_matter() => ForAll(acrossClasses: true, (c, k) =>
    {
        Sample[] shuffled = [.. c.Samples];
        KeyedRandom.For(c.Seed, 0, 0, "test").Shuffle<Sample>(shuffled);
        shuffled = [.. shuffled.Select((s, i) => s with { Id = i })];
        return HashFolds.Split(c.Samples, k, c.Seed, c.GroupOf).Zip(HashFolds.Split(shuffled, k, c.Seed, c.GroupOf))
            .All(p => p.First.Validation.Select(s => s.ImagePath).ToHashSet(StringComparer.Ordinal).SetEquals(p.Second.Validation.Select(s => s.ImagePath)));
    });

    [Fact]
    public void Folds_share_the_samples_within_the_deviation_of_the_binomial_distribution_and_added_ones_move_none()
    {
        Sample[] few = [.. Enumerable.Range(0, 10_000).Select(i => Row(i, i % 4))];
        Sample[] many = [.. few, .. Enumerable.Range(10_000, 5000).Select(i => Row(i, i % 5))];
        var (before, after) = (HashFolds.Split(few, 5, 1), HashFolds.Split(many, 5, 1));
        Assert.All(before.Zip(after), p => Assert.Empty(p.First.Validation.Except(p.Second.Validation)));
        Assert.All(before, f => Assert.Equal(0.2, f.Validation.Length / 10_000.0, 5 * Math.Sqrt(0.2 * 0.8 / 10_000)));
        Assert.NotEqual(before[0].Validation, HashFolds.Split(few, 5, 2)[0].Validation);
    }

    [Fact]
    public void Impossible_folds_are_refused()
    {
        Sample[] samples = [Row(0, 0), Row(1, 1), Row(2, 1)];
        Assert.Throws<ArgumentOutOfRangeException>(() => HashFolds.Split(samples, 1, 0));
        Assert.Contains(
            "3 images cannot make 4 folds", Assert.Throws<RefusalException>(() => HashFolds.Split(samples, 4, 0)).Message, StringComparison.Ordinal);
        var one = Assert.Throws<RefusalException>(() => HashFolds.Split(samples, 2, 0, _ => "one"));
        Assert.Contains("1 groups cannot make 2 folds", one.Message, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 30), seed => Assert.All(HashFolds.Split(samples, 3, seed), f => Assert.Single(f.Validation)));
    }

    private static Property ForAll(bool acrossClasses, Func<SplitCase, int, bool> law) => SplitCase.ForAll(acrossClasses, c =>
    {
        var groups = c.Samples.DistinctBy(c.KeyOf).Count();
        return groups < 2 || law(c, 2 + (int)((ulong)c.Seed % (ulong)Math.Min(6, groups - 1)));
    });

    private static Sample Row(long id, int target) => new(id, $"{target}/{id}.png", $"/none/{id}.png", target);
}
