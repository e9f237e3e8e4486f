using SketchFlow.Data.Machine;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// Gaussian process regression for a few dozen points (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, algorithm 2.1):
/// Matérn 5/2 kernel with one length scale per coordinate. Length scales and noise maximise the posterior under weak priors; the signal variance has
/// a closed form.
/// </summary>
public sealed class GaussianProcess
{
    private readonly double[][] _points;
    private readonly double[] _lengths;
    private readonly double[,] _factor;
    private readonly double[] _weights;
    private readonly double _mean;
    private readonly double _scale;
    private readonly double _variance;

    // One parameter per field; only Fit calls it.
    private GaussianProcess(double[][] points, double[] lengths, double[,] factor, double[] weights, double mean, double scale, double variance) =>
        (_points, _lengths, _factor, _weights, _mean, _scale, _variance) = (points, lengths, factor, weights, mean, scale, variance);

    /// <summary>Fits a process to points.</summary>
    /// <param name="points">n points with d coordinates, roughly in [0, 1].</param>
    /// <param name="values">The n values at the points.</param>
    /// <param name="random">Draws the starting points of the search for length scales.</param>
    public static GaussianProcess Fit(double[][] points, double[] values, KeyedRandom random)
    {
        var (n, d) = (points.Length, points[0].Length);
        var mean = values.Average();
        var scale = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / n);
        scale = scale > 0 ? scale : 1;
        double[] y = [.. values.Select(v => (v - mean) / scale)];

        var best = FindHyperparameters(points, y, random);
        double[] lengths = [.. best.Take(d).Select(Math.Exp)];
        var factor = Cholesky(Correlations(points, lengths, Noise(best[d])));
        var weights = Solve(factor, y);
        var variance = Math.Max(1e-12, Dot(y, weights) / n);
        return new GaussianProcess(points, lengths, factor, weights, mean, scale, variance);
    }

    /// <summary>Returns mean and standard deviation of the function at a point.</summary>
    /// <param name="point">The point.</param>
    public (double Mean, double Deviation) At(double[] point)
    {
        var n = _points.Length;
        var k = new double[n];
        var mean = 0.0;
        for (var i = 0; i < n; i++)
        {
            k[i] = Matern(point, _points[i], _lengths);
            mean += k[i] * _weights[i];
        }

        ForwardSubstitute(_factor, k);
        var remaining = Math.Max(1e-12, 1 - Dot(k, k));
        return (_mean + (_scale * mean), _scale * Math.Sqrt(_variance * remaining));
    }

    /// <summary>Returns the expected improvement of a point below <paramref name="best"/>; less is better (Jones, Schonlau and Welch 1998).</summary>
    /// <param name="point">The point.</param>
    /// <param name="best">Best value so far.</param>
    public double ExpectedImprovement(double[] point, double best)
    {
        var (mean, deviation) = At(point);
        var z = (best - mean) / deviation;
        return Math.Max(0, deviation * ((z * NormalDistribution.Cumulative(z)) + NormalDistribution.Density(z)));
    }

    // Logarithms of the d length scales and of the noise. Random starts, then steps along the coordinates: a few hundred factorisations in all.
    private static double[] FindHyperparameters(double[][] points, double[] y, KeyedRandom random)
    {
        var d = points[0].Length;
        var best = new double[d + 1];
        Array.Fill(best, Math.Log(0.5));
        best[d] = Math.Log(1e-3);
        var bestPosterior = LogPosterior(points, y, best);
        for (var i = 0; i < 40; i++)
        {
            double[] start = [.. Enumerable.Range(0, d).Select(_ => Math.Log(0.5) + random.NextNormal()), Math.Log(1e-3) + (2 * random.NextNormal())];
            Keep(start);
        }

        for (var step = 0.8; step > 0.05; step /= 2)
        {
            for (var round = 0; round < 2; round++)
            {
                for (var k = 0; k <= d; k++)
                {
                    foreach (var sign in (ReadOnlySpan<int>)[1, -1])
                    {
                        var moved = (double[])best.Clone();
                        moved[k] += sign * step;
                        Keep(moved);
                    }
                }
            }
        }

        return best;

        void Keep(double[] candidate)
        {
            var found = LogPosterior(points, y, candidate);
            if (found > bestPosterior)
            {
                (best, bestPosterior) = (candidate, found);
            }
        }
    }

    private static double Noise(double logarithm) => Math.Clamp(Math.Exp(logarithm), 1e-6, 1);

    // Logarithm of the marginal likelihood with the best variance, plus log-normal priors: length scales around 0.5, noise around 1e-3.
    private static double LogPosterior(double[][] points, double[] y, double[] logarithms)
    {
        var (n, d) = (points.Length, logarithms.Length - 1);
        var prior = 0.0;
        for (var k = 0; k < d; k++)
        {
            prior -= 0.5 * Square(logarithms[k] - Math.Log(0.5));
        }

        prior -= 0.5 * Square((logarithms[d] - Math.Log(1e-3)) / 2);
        var factor = Cholesky(Correlations(points, [.. logarithms.Take(d).Select(Math.Exp)], Noise(logarithms[d])));
        var variance = Math.Max(1e-12, Dot(y, Solve(factor, y)) / n);
        var logDeterminant = 0.0;
        for (var i = 0; i < n; i++)
        {
            logDeterminant += Math.Log(factor[i, i]);
        }

        return prior - (0.5 * n * Math.Log(variance)) - logDeterminant;
    }

    private static double[,] Correlations(double[][] points, double[] lengths, double noise)
    {
        var n = points.Length;
        var matrix = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            matrix[i, i] = 1 + noise;
            for (var j = 0; j < i; j++)
            {
                matrix[i, j] = matrix[j, i] = Matern(points[i], points[j], lengths);
            }
        }

        return matrix;
    }

    private static double Matern(double[] a, double[] b, double[] lengths)
    {
        var sum = 0.0;
        for (var k = 0; k < lengths.Length; k++)
        {
            sum += Square((a[k] - b[k]) / lengths[k]);
        }

        var r = Math.Sqrt(5 * sum);
        return (1 + r + (r * r / 3)) * Math.Exp(-r);
    }

    // The factor equals that of MathNet.Numerics 5.0, which throws for the singular matrices that equal points make; here the pivot has a lower bound.
    private static double[,] Cholesky(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var factor = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= factor[i, k] * factor[j, k];
                }

                factor[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / factor[j, j];
            }
        }

        return factor;
    }

    private static void ForwardSubstitute(double[,] factor, double[] x)
    {
        for (var i = 0; i < x.Length; i++)
        {
            for (var k = 0; k < i; k++)
            {
                x[i] -= factor[i, k] * x[k];
            }

            x[i] /= factor[i, i];
        }
    }

    private static double[] Solve(double[,] factor, double[] y)
    {
        var x = (double[])y.Clone();
        ForwardSubstitute(factor, x);
        for (var i = x.Length - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < x.Length; k++)
            {
                x[i] -= factor[k, i] * x[k];
            }

            x[i] /= factor[i, i];
        }

        return x;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static double Square(double x) => x * x;
}
