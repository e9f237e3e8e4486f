using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Datasets.Splits;

/// <summary>Laws of splits, folds and epoch orders.</summary>
public class TrainValidationSplitTests
{
    private static readonly Gen<double> _fractions = Gen.Elements(0.05, 0.1, 0.2, 0.25, 1.0 / 3, 0.5, 0.8);

    [Property(MaxTest = 200)]
    public Property A_split_is_a_partition_in_the_order_of_ids() => ForAll((samples, fraction, seed) =>
    {
        var split = TrainValidationSplit.Stratified(samples, fraction, seed);
        return split.Train.Concat(split.Validation).OrderBy(s => s.Id).SequenceEqual(samples)
            && IsSorted(split.Train) && IsSorted(split.Validation);
    });

    [Property(MaxTest = 200)]
    public Property Every_class_gives_its_share_within_one_and_is_in_both_parts() => ForAll((samples, fraction, seed) =>
    {
        var split = TrainValidationSplit.Stratified(samples, fraction, seed);
        return samples.GroupBy(s => s.Target).All(c =>
        {
            var (count, taken) = (c.Count(), split.Validation.Count(s => s.Target == c.Key));
            return Math.Abs(taken - (fraction * count)) <= 1 && (count > 1 ? taken > 0 && taken < count : taken == 0);
        });
    });

    [Property(MaxTest = 200)]
    public Property The_total_is_right_where_classes_are_large_enough() => ForAll((samples, fraction, seed) =>
    {
        Sample[] large = [.. samples.GroupBy(s => s.Target).Where(c => Math.Min(fraction, 1 - fraction) * c.Count() >= 1).SelectMany(c => c)];
        return large.Length == 0
            || TrainValidationSplit.Stratified(large, fraction, seed).Validation.Length
                == (int)Math.Round(fraction * large.Length, MidpointRounding.AwayFromZero);
    });

    [Property(MaxTest = 100)]
    public Property The_order_of_the_samples_does_not_matter() => ForAll((samples, fraction, seed) =>
    {
        Sample[] shuffled = [.. samples];
        KeyedRandom.For(seed, 0, 0, "test").Shuffle<Sample>(shuffled);
        var (one, other) = (TrainValidationSplit.Stratified(samples, fraction, seed), TrainValidationSplit.Stratified(shuffled, fraction, seed));
        var k = Math.Min(3, samples.Length);
        return one.Train.SequenceEqual(other.Train) && one.Validation.SequenceEqual(other.Validation)
            && EpochShuffle.Shuffle(samples, seed, 3).SequenceEqual(EpochShuffle.Shuffle(shuffled, seed, 3))
            && (k < 2 || Folds.Stratified(samples, k, seed).Zip(Folds.Stratified(shuffled, k, seed))
                .All(p => p.First.Validation.SequenceEqual(p.Second.Validation)));
    });

    [Property(MaxTest = 100)]
    public Property Folds_validate_every_sample_once_and_are_even_in_every_class() => ForAll((samples, _, seed) =>
    {
        if (samples.Length < 2)
        {
            return true;
        }

        var k = 2 + (int)((ulong)seed % (ulong)Math.Min(6, samples.Length - 1));
        var folds = Folds.Stratified(samples, k, seed);
        bool Even(Func<Sample, bool> chosen) => folds.Select(f => f.Validation.Count(chosen)).ToArray() is var counts && counts.Max() - counts.Min() <= 1;
        return folds.Length == k
            && folds.SelectMany(f => f.Validation).OrderBy(s => s.Id).SequenceEqual(samples)
            && folds.All(f => f.Train.Concat(f.Validation).OrderBy(s => s.Id).SequenceEqual(samples))
            && folds.All(f => IsSorted(f.Train) && IsSorted(f.Validation))
            && Even(_ => true)
            && samples.Select(s => s.Target).Distinct().All(t => Even(s => s.Target == t));
    });

    [Property(MaxTest = 100)]
    public Property An_epoch_shows_every_sample_once() => ForAll((samples, _, seed) =>
        EpochShuffle.Shuffle(samples, seed, 5) is var shown
        && shown.OrderBy(s => s.Id).SequenceEqual(samples) && shown.SequenceEqual(EpochShuffle.Shuffle(samples, seed, 5)));

    [Fact]
    public void Seeds_and_epochs_make_different_orders()
    {
        Sample[] samples = [.. Enumerable.Range(0, 100).Select(i => Row(i, i % 4))];
        var orders = new[] { (1, 0), (1, 1), (2, 0) }.Select(c => string.Join(' ', EpochShuffle.Shuffle(samples, c.Item1, c.Item2).Select(s => s.Id)));
        Assert.Equal(3, orders.Distinct().Count());
        Assert.NotEqual(TrainValidationSplit.Stratified(samples, 0.2, 1).Validation, TrainValidationSplit.Stratified(samples, 0.2, 2).Validation);
    }

    [Fact]
    public void An_early_sample_is_as_likely_in_front_as_any_other()
    {
        Sample[] samples = [.. Enumerable.Range(0, 20).Select(i => Row(i, 0))];
        var first = Enumerable.Range(0, 4000).CountBy(epoch => EpochShuffle.Shuffle(samples, 7, epoch)[0].Id).ToDictionary();
        // 200 expected, standard deviation 14.
        Assert.All(samples, s => Assert.InRange(first.GetValueOrDefault(s.Id), 200 - 70, 200 + 70));
    }

    [Fact]
    public void Impossible_divisions_are_refused()
    {
        Sample[] samples = [Row(0, 0), Row(1, 1)];
        Assert.All([0, 1, -0.1, double.NaN], f => Assert.Throws<ArgumentOutOfRangeException>(() => TrainValidationSplit.Stratified(samples, f, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Folds.Stratified(samples, 1, 0));
        var refusal = Assert.Throws<RefusalException>(() => Folds.Stratified(samples, 3, 0));
        Assert.Contains("2 samples cannot make 3 folds", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(TrainValidationSplit.Stratified([], 0.5, 0).Validation);
    }

    private static Property ForAll(Func<Sample[], double, long, bool> law)
    {
        // Uneven classes, also of one and two samples, and rows without a label.
        var cases =
            from sizes in Gen.Choose(0, 40).ListOf()
            from fraction in _fractions
            from seed in Gen.Choose(int.MinValue, int.MaxValue)
            select (sizes, fraction, seed);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            int?[] targets = [.. c.sizes.Take(12).SelectMany((size, target) => Enumerable.Repeat(target == 0 ? (int?)null : target, size))];
            KeyedRandom.For(c.seed, 0, 0, "mix").Shuffle<int?>(targets);
            return law([.. targets.Select((t, i) => Row(3 * i, t))], c.fraction, c.seed);
        });
    }

    private static bool IsSorted(IReadOnlyList<Sample> samples) => samples.Zip(samples.Skip(1)).All(p => p.First.Id < p.Second.Id);

    private static Sample Row(long id, int? target) => new(id, $"{id}.png", $"/none/{id}.png", target);
}
