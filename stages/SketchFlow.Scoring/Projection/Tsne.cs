using SketchFlow.Data.Machine;

namespace SketchFlow.Scoring.Projection;

/// <summary>
/// A map of two dimensions on which near vectors are near: t-SNE (van der Maaten and Hinton, JMLR 9, 2008) with the approximation of Barnes and Hut
/// (van der Maaten, "Accelerating t-SNE using tree-based algorithms", JMLR 15, 2014).
/// </summary>
/// <remarks>
/// The start is the first two principal components (Kobak and Berens, Nature Communications 10, 2019), which keeps the large structure; the rate follows the
/// number of points (Belkina et al., Nature Communications 10, 2019). All sums are in a fixed order: the map does not depend on the number of threads.
/// </remarks>
public static class Tsne
{
    private const int LeastPoints = 4;

    /// <summary>Computes a map.</summary>
    /// <param name="rows">Vectors of equal length and finite values, shape (N, D), the largest variance in the first columns as of
    /// <see cref="PrincipalComponents"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops between two iterations.</param>
    /// <returns>A place for each vector, the mean in the middle. Fewer than 4 vectors are placed by their first two columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static MapPoint[] Run(IReadOnlyList<float[]> rows, TsneOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Perplexity, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Theta, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Theta, 0.7, nameof(options));
        if (rows.Count == 0)
        {
            return [];
        }

        var (x, y) = Start(rows, options.Seed);
        if (rows.Count >= LeastPoints)
        {
            var perplexity = Math.Max(1, Math.Min(options.Perplexity, (rows.Count - 1) / 3.0));
            var nearest = NearestNeighbours.Find(rows, (int)(3 * perplexity), options.Workers, cancellation);
            Optimise(x, y, Affinities.Create(nearest, perplexity), options, cancellation);
        }

        var largest = Math.Max(1e-12, Math.Max(x.Max(Math.Abs), y.Max(Math.Abs)));
        return [.. x.Zip(y, (a, b) => new MapPoint(a / largest, b / largest))];
    }

    // The components with a standard deviation of 1e-4 along the first one.
    private static (double[] X, double[] Y) Start(IReadOnlyList<float[]> rows, long seed)
    {
        double[] x = [.. rows.Select(r => r.Length > 0 ? (double)r[0] : 0)];
        double[] y = [.. rows.Select(r => r.Length > 1 ? (double)r[1] : 0)];
        Centre(x);
        Centre(y);
        var deviation = Math.Sqrt(x.Sum(v => v * v) / x.Length);
        var scale = deviation > 0 ? 1e-4 / deviation : 0;
        for (var i = 0; i < x.Length; i++)
        {
            var random = KeyedRandom.For(seed, 0, i, "t-SNE");
            x[i] = (x[i] * scale) + (1e-6 * random.NextNormal());
            y[i] = (y[i] * scale) + (1e-6 * random.NextNormal());
        }

        return (x, y);
    }

    private static void Optimise(double[] x, double[] y, Affinities affinities, TsneOptions options, CancellationToken cancellation)
    {
        var rate = Math.Max(x.Length / options.Exaggeration, 50);
        var (forceX, forceY) = (new double[x.Length], new double[x.Length]);
        var (alongX, alongY) = (new Descent(x.Length), new Descent(x.Length));
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            var isEarly = iteration < options.EarlyIterations;
            Gradient(x, y, affinities, isEarly ? options.Exaggeration : 1, options, (forceX, forceY));
            var momentum = isEarly ? 0.5 : 0.8;
            alongX.Step(x, forceX, rate, momentum);
            alongY.Step(y, forceY, rate, momentum);
            Centre(x);
            Centre(y);
        }
    }

    private static void Gradient(
        double[] x, double[] y, Affinities affinities, double exaggeration, TsneOptions options, (double[] X, double[] Y) gradient)
    {
        var tree = QuadTree.Build(x, y);
        var kernels = new double[x.Length];
        var attraction = new (double X, double Y)[x.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Workers };
        Parallel.For(0, x.Length, parallel, i =>
        {
            (gradient.X[i], gradient.Y[i], kernels[i]) = tree.Repulsion(x[i], y[i], options.Theta);
            attraction[i] = Attraction(x, y, i, affinities);
        });
        var sum = Math.Max(1e-12, kernels.Sum());
        for (var i = 0; i < x.Length; i++)
        {
            gradient.X[i] = 4 * ((exaggeration * attraction[i].X) - (gradient.X[i] / sum));
            gradient.Y[i] = 4 * ((exaggeration * attraction[i].Y) - (gradient.Y[i] / sum));
        }
    }

    private static (double X, double Y) Attraction(double[] x, double[] y, int point, Affinities affinities)
    {
        var (neighbours, weights) = (affinities.Neighbours[point], affinities.Weights[point]);
        var (sumX, sumY) = (0.0, 0.0);
        for (var k = 0; k < neighbours.Length; k++)
        {
            var (dx, dy) = (x[point] - x[neighbours[k]], y[point] - y[neighbours[k]]);
            var strength = weights[k] / (1 + (dx * dx) + (dy * dy));
            sumX += strength * dx;
            sumY += strength * dy;
        }

        return (sumX, sumY);
    }

    private static void Centre(double[] values)
    {
        var mean = values.Average();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= mean;
        }
    }
}
