using SketchFlow.Data.Machine;

namespace SketchFlow.Scoring.Projection;

/// <summary>Principal component analysis: the directions in which vectors vary most.</summary>
/// <remarks>
/// The directions are eigenvectors of the covariance, found by orthogonal iteration (Golub and Van Loan, "Matrix Computations", 8.2.4) from a fixed start.
/// Each is turned so that its largest entry is positive. The result does not depend on the number of threads.
/// </remarks>
public static class PrincipalComponents
{
    private const int Iterations = 60;

    /// <summary>Projects vectors on their principal components.</summary>
    /// <param name="rows">Vectors of equal length and finite values, shape (N, D); not changed.</param>
    /// <param name="components">Number of components; at most D are computed.</param>
    /// <param name="workers">Number of threads.</param>
    /// <returns>Coordinates, shape (N, min(components, D)), the component with the largest variance first.</returns>
    /// <exception cref="ArgumentException">The vectors have different lengths, or a value is not finite.</exception>
    public static float[][] Project(IReadOnlyList<float[]> rows, int components, int workers)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(components, 1);
        if (rows.Count == 0)
        {
            return [];
        }

        var size = rows[0].Length;
        if (rows.Any(r => r.Length != size || !r.All(float.IsFinite)))
        {
            throw new ArgumentException($"Expected finite vectors of length {size}, got one of another length or with another value.", nameof(rows));
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers };
        var columns = Centre(rows, size, parallel);
        var covariance = Covariance(columns, parallel);
        var directions = Iterate(covariance, Math.Min(components, size), parallel);
        var coordinates = new float[rows.Count][];
        Parallel.For(0, rows.Count, parallel, i =>
        {
            var centred = Array.ConvertAll(columns, c => c[i]);
            coordinates[i] = Array.ConvertAll(directions, d => FloatVectors.Dot(centred, d));
        });
        return coordinates;
    }

    private static float[][] Centre(IReadOnlyList<float[]> rows, int size, ParallelOptions parallel)
    {
        var columns = new float[size][];
        Parallel.For(0, size, parallel, c =>
        {
            var mean = rows.Sum(r => (double)r[c]) / rows.Count;
            var column = new float[rows.Count];
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = (float)(rows[i][c] - mean);
            }

            columns[c] = column;
        });
        return columns;
    }

    private static float[][] Covariance(float[][] columns, ParallelOptions parallel)
    {
        var covariance = Array.ConvertAll(columns, _ => new float[columns.Length]);
        Parallel.For(0, columns.Length, parallel, a =>
        {
            for (var b = a; b < columns.Length; b++)
            {
                // Cells below the diagonal belong to no other a.
                covariance[a][b] = covariance[b][a] = FloatVectors.Dot(columns[a], columns[b]) / columns[a].Length;
            }
        });
        return covariance;
    }

    private static float[][] Iterate(float[][] covariance, int components, ParallelOptions parallel)
    {
        var directions = new float[components][];
        for (var c = 0; c < components; c++)
        {
            var random = KeyedRandom.For(0, 0, c, "principal components");
            directions[c] = new float[covariance.Length];
            for (var i = 0; i < covariance.Length; i++)
            {
                directions[c][i] = (float)random.NextNormal();
            }
        }

        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            Parallel.For(0, components, parallel, c =>
            {
                var from = directions[c];
                directions[c] = Array.ConvertAll(covariance, row => FloatVectors.Dot(row, from));
            });
            Orthogonalise(directions);
        }

        foreach (var direction in directions)
        {
            var largest = direction.MaxBy(Math.Abs);
            for (var i = 0; largest < 0 && i < direction.Length; i++)
            {
                direction[i] = -direction[i];
            }
        }

        return directions;
    }

    // Gram and Schmidt, twice for accuracy. A direction without variance becomes zero.
    private static void Orthogonalise(float[][] directions)
    {
        var scale = 0.0;
        for (var c = 0; c < directions.Length; c++)
        {
            var direction = directions[c];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var before = 0; before < c; before++)
                {
                    var share = FloatVectors.Dot(direction, directions[before]);
                    Subtract(direction, directions[before], share);
                }
            }

            var length = Math.Sqrt(FloatVectors.Dot(direction, direction));
            scale = Math.Max(scale, length);
            var factor = length > 1e-6 * scale ? 1 / length : 0;
            for (var i = 0; i < direction.Length; i++)
            {
                direction[i] = (float)(direction[i] * factor);
            }
        }
    }

    private static void Subtract(float[] from, float[] direction, float share)
    {
        for (var i = 0; i < from.Length; i++)
        {
            from[i] -= share * direction[i];
        }
    }
}
