namespace SketchFlow.Scoring.Projection;

/// <summary>The nearest neighbours of each of many vectors, by exact search.</summary>
public sealed class NearestNeighbours
{
    private NearestNeighbours(int[][] indices, float[][] distances) => (Indices, Distances) = (indices, distances);

    /// <summary>Numbers of the neighbours of each vector, the nearest first; of equally near ones the lower number first.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Indices { get; }

    /// <summary>Squared Euclidean distances, in the order of <see cref="Indices"/>.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Distances { get; }

    /// <summary>Finds the neighbours of all vectors; the time grows with the square of their number.</summary>
    /// <param name="rows">Vectors of equal length, shape (N, D).</param>
    /// <param name="count">Number of neighbours; at most N - 1 are found. A vector is no neighbour of itself.</param>
    /// <param name="workers">Number of threads, which do not change the result.</param>
    /// <param name="cancellation">Stops between two vectors.</param>
    public static NearestNeighbours Find(IReadOnlyList<float[]> rows, int count, int workers, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var (indices, distances) = (new int[rows.Count][], new float[rows.Count][]);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
        var size = Math.Max(0, Math.Min(count, rows.Count - 1));
        Parallel.For(0, rows.Count, parallel, i => (indices[i], distances[i]) = Search(rows, i, size));
        return new NearestNeighbours(indices, distances);
    }

    private static (int[] Indices, float[] Distances) Search(IReadOnlyList<float[]> rows, int own, int size)
    {
        var (indices, distances, found) = (new int[size], new float[size], 0);
        for (var other = 0; other < rows.Count && size > 0; other++)
        {
            if (other == own)
            {
                continue;
            }

            var distance = FloatVectors.SquaredDistance(rows[own], rows[other]);
            if (found == size && !(distance < distances[size - 1]))
            {
                continue;
            }

            // After all that are as near, so that the lower number stays first.
            var at = found < size ? found++ : size - 1;
            for (; at > 0 && distances[at - 1] > distance; at--)
            {
                (indices[at], distances[at]) = (indices[at - 1], distances[at - 1]);
            }

            (indices[at], distances[at]) = (other, distance);
        }

        return (indices, distances);
    }
}
