using FsCheck.Xunit;
using SketchFlow.Learning.Explanation;

namespace SketchFlow.Tests.Learning.Explanation;

/// <summary>Filled pixels solve the system of Rong et al. 2022.</summary>
public sealed class NoisyLinearImputationTests
{
    [Property(MaxTest = 60)]
    public void Filled_pixels_are_those_of_a_dense_solve(int seed)
    {
        var random = new Random(seed);
        var (height, width) = (random.Next(1, 9), random.Next(1, 9));
        var image = Image(random, 2 * height * width);
        bool[] kept = [.. Enumerable.Range(0, height * width).Select(_ => random.Next(3) == 0)];
        kept[random.Next(kept.Length)] = true;
        var filled = NoisyLinearImputation.Fill(image, height, width, kept, noise: 0);
        for (var channel = 0; channel < 2; channel++)
        {
            var expected = Dense(image.AsSpan(channel * kept.Length, kept.Length), height, width, kept);
            Assert.All(Enumerable.Range(0, kept.Length), i => Assert.Equal(expected[i], filled[(channel * kept.Length) + i], 1e-4));
        }
    }

    [Fact]
    public void A_large_hole_is_solved_to_the_tolerance_and_stays_between_its_neighbours()
    {
        const int Side = 96;
        var image = Image(new Random(3), Side * Side);
        bool[] kept = [.. Enumerable.Range(0, Side * Side).Select(i => i % Side == 0)];
        var filled = NoisyLinearImputation.Fill(image, Side, Side, kept, noise: 0);
        double[] edge = [.. Enumerable.Range(0, Side).Select(y => (double)image[y * Side])];
        Assert.All(filled, value => Assert.InRange(value, edge.Min() - 1e-3, edge.Max() + 1e-3));
        for (var y = 1; y < Side - 1; y++)
        {
            for (var x = 1; x < Side - 1; x++)
            {
                var at = (y * Side) + x;
                var sides = filled[at - 1] + filled[at + 1] + filled[at - Side] + filled[at + Side];
                var corners = filled[at - Side - 1] + filled[at - Side + 1] + filled[at + Side - 1] + filled[at + Side + 1];
                Assert.Equal((sides / 6) + (corners / 12), filled[at], 1e-4);
            }
        }
    }

    [Fact]
    public void Kept_pixels_are_unchanged_and_the_noise_follows_from_the_seed()
    {
        var image = Image(new Random(1), 3 * 40 * 50);
        bool[] kept = [.. Enumerable.Range(0, 40 * 50).Select(i => i % 4 == 0)];
        var (plain, first) = (NoisyLinearImputation.Fill(image, 40, 50, kept, noise: 0), NoisyLinearImputation.Fill(image, 40, 50, kept, seed: 7));
        Assert.Equal(first, NoisyLinearImputation.Fill(image, 40, 50, kept, seed: 7));
        Assert.NotEqual(first, NoisyLinearImputation.Fill(image, 40, 50, kept, seed: 8));
        Assert.All(Enumerable.Range(0, image.Length).Where(i => kept[i % 2000]), i => Assert.Equal(image[i], first[i]));
        double[] noise = [.. Enumerable.Range(0, image.Length).Where(i => !kept[i % 2000]).Select(i => (double)first[i] - plain[i])];
        Assert.InRange(noise.Average(), -0.001, 0.001);
        Assert.InRange(Math.Sqrt(noise.Average(n => n * n)), 0.009, 0.011);
    }

    [Fact]
    public void An_image_of_which_nothing_is_kept_becomes_its_mean()
    {
        var filled = NoisyLinearImputation.Fill([1, 2, 3, 6], 2, 2, new bool[4], noise: 0);
        Assert.All(filled, value => Assert.Equal(3, value, 1e-6));
        Assert.Throws<ArgumentException>(() => NoisyLinearImputation.Fill(new float[5], 2, 2, new bool[4]));
    }

    [Theory]
    [InlineData(20, true, "x....")]
    [InlineData(40, true, "x.x..")]
    [InlineData(80, true, "xxx.x")]
    [InlineData(20, false, "...x.")]
    [InlineData(80, false, ".xxxx")]
    public void Pixels_from_a_percentile_on_are_removed(int percentile, bool isMostFirst, string kept) =>
        Assert.Equal(kept, string.Concat(RoadRemoval.FindKept([0, 0.5F, 0.25F, 1, 0.75F], percentile, isMostFirst).Select(k => k ? 'x' : '.')));

    private static float[] Image(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];

    // Gauss and Jordan on the whole system, with an equation x = value for each kept pixel.
    private static double[] Dense(ReadOnlySpan<float> channel, int height, int width, bool[] kept)
    {
        var count = kept.Length;
        var system = new double[count, count + 1];
        for (var i = 0; i < count; i++)
        {
            system[i, i] = 1;
            system[i, count] = kept[i] ? channel[i] : 0;
            if (kept[i])
            {
                continue;
            }

            system[i, i] = 0;
            for (var j = 0; j < count; j++)
            {
                var (down, across) = (Math.Abs((i / width) - (j / width)), Math.Abs((i % width) - (j % width)));
                var weight = (down, across) switch { (0, 1) or (1, 0) => 1 / 6.0, (1, 1) => 1 / 12.0, _ => 0 };
                system[i, i] += weight;
                system[i, j] -= weight;
            }
        }

        Assert.Equal(height * width, count);
        for (var pivot = 0; pivot < count; pivot++)
        {
            var best = Enumerable.Range(pivot, count - pivot).MaxBy(row => Math.Abs(system[row, pivot]));
            for (var column = 0; column <= count; column++)
            {
                (system[pivot, column], system[best, column]) = (system[best, column], system[pivot, column]);
            }

            for (var row = 0; row < count; row++)
            {
                var factor = row == pivot ? 0 : system[row, pivot] / system[pivot, pivot];
                for (var column = pivot; column <= count; column++)
                {
                    system[row, column] -= factor * system[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, count).Select(i => system[i, count] / system[i, i])];
    }
}
