using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Pipeline.Experiments.Sweeps;

namespace SketchFlow.Tests.Pipeline.Experiments.Sweeps;

public class DistributionTests
{
    public static TheoryData<string, double, double> Bounded => new()
    {
        { "{ min: 2, max: 9 }", 2, 9 },
        { "{ min: 0.1, max: 0.5 }", 0.1, 0.5 },
        { "{ distribution: q_uniform, min: 0, max: 1, q: 0.1 }", 0, 1 },
        { "{ distribution: log_uniform, min: -9, max: -2 }", Math.Exp(-9), Math.Exp(-2) },
        { "{ distribution: log_uniform_values, min: 1e-5, max: 1e-2 }", 1e-5, 1e-2 },
        { "{ distribution: inv_log_uniform, min: 2, max: 9 }", Math.Exp(-9), Math.Exp(-2) },
        { "{ distribution: q_log_uniform_values, min: 8, max: 256, q: 8 }", 8, 256 },
        { "{ distribution: q_log_uniform_values, min: 0.00001, max: 0.01, q: 0.0001 }", 0.0001, 0.01 },
    };

    [Theory]
    [MemberData(nameof(Bounded))]
    public void Values_stay_within_their_bounds_and_increase(string yaml, double low, double high)
    {
        var distribution = Parse(yaml);
        double[] values = [.. Enumerable.Range(0, 1001).Select(i => Convert.ToDouble(distribution.At(i / 1000.0)))];
        // Values are rounded to six digits.
        Assert.All(values, v => Assert.InRange(v, low * (1 - 1e-5), high * (1 + 1e-5)));
        Assert.Equal(values.Order(), values);
        Assert.True(values[^1] > values[0]);
        if (distribution.Q is { } q)
        {
            Assert.All(values, v => Assert.Equal(Math.Round(v / q), v / q, 1e-4));
        }

        if (distribution.Count is { } count)
        {
            Assert.Equal(count, values.Distinct().Count());
            Assert.Equal(values.Distinct(), Enumerable.Range(0, count).Select(i => Convert.ToDouble(distribution.ValueOf(i))));
        }
    }

    [Fact]
    public void Whole_bounds_mean_whole_numbers_that_are_equally_likely()
    {
        var distribution = Parse("{ min: 1, max: 4 }");
        Assert.Equal([1L, 1L, 2L, 2L, 3L, 3L, 4L, 4L], Enumerable.Range(0, 8).Select(i => distribution.At((i + 0.5) / 8)));
        Assert.Equal(DistributionKind.Uniform, Parse("{ min: 1.0, max: 4.0 }").Kind);
        Assert.Equal(DistributionKind.IntUniform, distribution.Kind);
        Assert.IsType<long>(Parse("{ distribution: q_uniform, min: 0, max: 100, q: 5 }").At(0.3));
    }

    [Fact]
    public void The_median_of_a_log_uniform_is_the_geometric_mean() =>
        Assert.Equal(Math.Sqrt(1e-5 * 1e-2), (double)Parse("{ distribution: log_uniform_values, min: 1e-5, max: 1e-2 }").At(0.5)!, 1e-8);

    [Fact]
    public void A_list_is_drawn_by_its_probabilities()
    {
        var distribution = Parse("{ values: [a, b, c], probabilities: [0.5, 0.0, 0.5] }");
        Assert.Equal(["a", "a", "c", "c"], new[] { 0.0, 0.49, 0.5, 1 }.Select(distribution.At));
        Assert.Equal(1 / 3.0, Enumerable.Range(0, 300).Count(i => Parse("{ values: [a, b, c] }").At((i + 0.5) / 300) is "b") / 300.0, 0.01);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963985)]
    [InlineData(0.001, -3.090232306)]
    [InlineData(0.02, -2.053748911)]
    public void Gaussian_quantiles_are_those_of_the_tables(double p, double z)
    {
        Assert.Equal(z, NormalDistribution.Quantile(p), 1e-7);
        Assert.Equal(p, NormalDistribution.Cumulative(z), 1e-6);
    }

    [Property]
    public bool Quantile_is_the_inverse_of_the_distribution_function(NormalFloat x)
    {
        var p = 0.5 + (Math.Atan(x.Get) / Math.PI);
        return p is <= 1e-6 or >= 1 - 1e-6 || Math.Abs(NormalDistribution.Cumulative(NormalDistribution.Quantile(p)) - p) < 1e-6;
    }

    [Fact]
    public void A_normal_has_the_given_mean_and_deviation()
    {
        var distribution = Parse("{ distribution: normal, mu: 3, sigma: 2 }");
        double[] values = [.. Enumerable.Range(0, 10_000).Select(i => (double)distribution.At((i + 0.5) / 10_000)!)];
        Assert.Equal(3, values.Average(), 0.01);
        Assert.Equal(2, Math.Sqrt(values.Average(v => (v - 3) * (v - 3))), 0.02);
    }

    [Property]
    public bool A_point_and_its_snapped_point_have_the_same_value(NonNegativeInt place, PositiveInt count)
    {
        var distribution = Parse($"{{ min: 0, max: {count.Get} }}");
        var unit = place.Get % 1000 / 1000.0;
        return Equals(distribution.At(unit), distribution.At(distribution.Snap(unit)));
    }

    private static Distribution Parse(string parameter) =>
        SweepFile.Parse($"method: random\nmetric: {{ name: val_loss }}\nparameters: {{ p: {parameter} }}\n", "test").Parameters[0].Distribution;
}
