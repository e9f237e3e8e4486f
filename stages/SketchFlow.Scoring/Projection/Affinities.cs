namespace SketchFlow.Scoring.Projection;

/// <summary>Symmetric probabilities that two points are neighbours, for near points only (van der Maaten 2014, section 4.1).</summary>
internal sealed class Affinities
{
    private const int SearchSteps = 60;

    private Affinities(int[][] neighbours, double[][] weights) => (Neighbours, Weights) = (neighbours, weights);

    /// <summary>Numbers of the points with a probability above 0, ascending, for each point.</summary>
    public int[][] Neighbours { get; }

    /// <summary>Probabilities in the order of <see cref="Neighbours"/>; the sum over all points is 1.</summary>
    public double[][] Weights { get; }

    /// <summary>Computes the probabilities.</summary>
    /// <param name="nearest">Three neighbours for each unit of the perplexity.</param>
    /// <param name="perplexity">Effective number of neighbours.</param>
    public static Affinities Create(NearestNeighbours nearest, double perplexity)
    {
        var count = nearest.Indices.Count;
        var entries = new List<(int Other, double Weight)>[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = [];
        }

        for (var i = 0; i < count; i++)
        {
            var weights = Conditional(nearest.Distances[i], perplexity);
            for (var k = 0; k < weights.Length; k++)
            {
                var other = nearest.Indices[i][k];
                var weight = weights[k] / (2.0 * count);
                entries[i].Add((other, weight));
                entries[other].Add((i, weight));
            }
        }

        var (neighbours, values) = (new int[count][], new double[count][]);
        for (var i = 0; i < count; i++)
        {
            // An entry of each direction at most.
            var merged = entries[i].GroupBy(e => e.Other).OrderBy(g => g.Key).Select(g => (Other: g.Key, Weight: g.Sum(e => e.Weight))).ToList();
            neighbours[i] = [.. merged.Select(m => m.Other)];
            values[i] = [.. merged.Select(m => m.Weight)];
        }

        return new Affinities(neighbours, values);
    }

    // The width of the Gaussian is the one whose entropy is that of the perplexity, by bisection.
    private static double[] Conditional(IReadOnlyList<float> distances, double perplexity)
    {
        var target = Math.Log(perplexity);
        var (low, high, precision) = (0.0, double.PositiveInfinity, 1 / Math.Max(1e-12, distances.Average()));
        var weights = new double[distances.Count];
        for (var step = 0; step < SearchSteps; step++)
        {
            var (sum, mean) = (0.0, 0.0);
            for (var k = 0; k < weights.Length; k++)
            {
                // The nearest has a weight of 1, so that the sum is never 0.
                double beyond = distances[k] - distances[0];
                weights[k] = Math.Exp(-precision * beyond);
                sum += weights[k];
                mean += weights[k] * beyond;
            }

            for (var k = 0; k < weights.Length; k++)
            {
                weights[k] /= sum;
            }

            var entropy = Math.Log(sum) + (precision * mean / sum);
            if (Math.Abs(entropy - target) < 1e-5)
            {
                break;
            }

            (low, high) = entropy > target ? (precision, high) : (low, precision);
            precision = double.IsPositiveInfinity(high) ? Math.Min(2 * precision, 1e30) : (low + high) / 2;
        }

        return weights;
    }
}
