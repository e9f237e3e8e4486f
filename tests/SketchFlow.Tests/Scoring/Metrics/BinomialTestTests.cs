using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Tests.Scoring.Metrics;

public sealed class BinomialTestTests
{
    [Theory]
    // The expected values are sums of binomial probabilities worked out by hand.
    [InlineData(0, 5, 0.3, 1)]
    [InlineData(8, 10, 0.5, 56.0 / 1024)]
    [InlineData(5, 5, 0.2, 0.00032)]
    [InlineData(2, 3, 0.25, 0.15625)]
    public void The_upper_tail_is_the_sum_of_its_probabilities(int successes, int trials, double probability, double expected) =>
        Assert.Equal(expected, BinomialTest.UpperTail(successes, trials, probability), 1e-12);

    [Fact]
    public void Many_trials_do_not_underflow_and_the_mean_is_in_the_middle()
    {
        Assert.InRange(BinomialTest.UpperTail(10_000, 100_000, 0.1), 0.49, 0.51);
        Assert.InRange(BinomialTest.UpperTail(10_300, 100_000, 0.1), 1e-4, 1e-2);
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialTest.UpperTail(1, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialTest.UpperTail(3, 2, 0.5));
    }
}
