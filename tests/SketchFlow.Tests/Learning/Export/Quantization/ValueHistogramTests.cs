using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export.Quantization;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Export.Quantization;

/// <summary>Ranges of values in 8 bits.</summary>
public sealed class ValueHistogramTests
{
    [Property]
    public void A_range_keeps_zero_and_rounds_what_lies_inside_by_at_most_half_a_step(NormalFloat a, NormalFloat b, byte share)
    {
        var (low, high) = ((float)-Math.Min(Math.Abs(a.Get), 1e6), (float)Math.Min(Math.Abs(b.Get), 1e6));
        var range = new ValueRange(low, high);
        Assert.Equal(0, range.Round(0));
        var number = low + ((high - low) * share / 255.0);
        // The level of 0 is rounded too, so that one end may be half a step away.
        Assert.InRange(Math.Abs(range.Round(number) - number), 0, range.Scale * 1.001);
    }

    [Property(MaxTest = 30)]
    public void The_range_loses_no_more_than_that_of_the_smallest_and_largest_number(int seed)
    {
        using var scope = torch.NewDisposeScope();
        var histogram = new ValueHistogram();
        var random = new Random(seed);
        // Batches of growing size, so that the histogram has to grow.
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => Numbers(random, 500, Math.Pow(3, i)))];
        foreach (var batch in batches)
        {
            histogram.Add(torch.tensor(batch));
        }

        float[] all = [.. batches.SelectMany(b => b)];
        var whole = new ValueRange(Math.Min(0, all.Min()), Math.Max(0, all.Max()));
        // The histogram knows numbers up to half a bin.
        Assert.True(Error(histogram.FindRange(), all) <= Error(whole, all) * 1.05, $"{histogram.FindRange()} is worse than {whole}.");
    }

    [Fact]
    public void A_few_large_numbers_do_not_take_the_digits_of_the_others()
    {
        using var scope = torch.NewDisposeScope();
        var numbers = Numbers(new Random(1), 1_000_000, 1);
        numbers[7] = 30;
        var histogram = new ValueHistogram();
        histogram.Add(torch.tensor(numbers));
        var range = histogram.FindRange();
        Assert.InRange(range.High, 3, 15);
        Assert.InRange(range.Low, -6, -3);
    }

    [Fact]
    public void Values_after_a_rectifier_use_all_levels()
    {
        using var scope = torch.NewDisposeScope();
        var histogram = new ValueHistogram();
        histogram.Add(torch.tensor(Numbers(new Random(2), 10_000, 1)).relu());
        Assert.Equal(0, histogram.FindRange().ZeroPoint);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_refused(float value)
    {
        using var scope = torch.NewDisposeScope();
        var exception = Assert.Throws<RefusalException>(() => new ValueHistogram().Add(torch.tensor(new[] { 1, value })));
        Assert.Contains("not finite", exception.Message, StringComparison.Ordinal);
    }

    private static float[] Numbers(Random random, int count, double scale) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(scale * NormalDistribution.Quantile(random.NextDouble())))];

    private static double Error(ValueRange range, float[] numbers) => numbers.Sum(n => Math.Pow(n - range.Round(n), 2));
}
