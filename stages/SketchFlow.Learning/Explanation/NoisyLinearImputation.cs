using SketchFlow.Data.Machine;

namespace SketchFlow.Learning.Explanation;

/// <summary>
/// Fills removed pixels so that each is the weighted mean of its neighbours, and adds noise (Rong et al. 2022; weights and noise of pytorch-grad-cam's
/// <c>road.py</c>).
/// </summary>
/// <remarks>
/// A neighbour at a side has weight 1/6, at a corner 1/12; those outside of the image do not count. The system is symmetric and positive definite as soon as
/// one pixel is kept, and conjugate gradients solve it (Hestenes and Stiefel 1952).
/// </remarks>
public static class NoisyLinearImputation
{
    /// <summary>Standard deviation of the noise, in units of the normalised image.</summary>
    public const double DefaultNoise = 0.01;

    /// <summary>Largest Euclidean norm of the residual as a share of that of the right-hand side; errors are far below the noise.</summary>
    public const double Tolerance = 1e-6;

    private const int Neighbours = 8;
    private const int MostSteps = 10_000;

    private static readonly (int Down, int Across, double Weight)[] _offsets =
    [
        (-1, -1, 1 / 12.0), (-1, 0, 1 / 6.0), (-1, 1, 1 / 12.0), (0, -1, 1 / 6.0), (0, 1, 1 / 6.0), (1, -1, 1 / 12.0), (1, 0, 1 / 6.0), (1, 1, 1 / 12.0),
    ];

    /// <summary>Fills the pixels that are not kept; if none is kept, each channel becomes its mean.</summary>
    /// <param name="image">Values of the image, (C, H, W), in one array.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="kept">Whether each pixel is kept, (H, W).</param>
    /// <param name="noise">Standard deviation of the noise that is added to filled pixels.</param>
    /// <param name="seed">Seed of the noise: the same seed gives the same image.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit the size.</exception>
    public static float[] Fill(ReadOnlySpan<float> image, int height, int width, bool[] kept, double noise = DefaultNoise, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(kept);
        var pixels = height * width;
        if (kept.Length != pixels || pixels == 0 || image.Length % pixels != 0)
        {
            throw new ArgumentException(
                $"expected {height} × {width} pixels in each channel, got {image.Length} values and {kept.Length} pixels", nameof(kept));
        }

        int[] removed = [.. Enumerable.Range(0, pixels).Where(pixel => !kept[pixel])];
        var places = FindNeighbours(removed, height, width);
        var random = KeyedRandom.For(seed, 0, 0, "road");
        var result = image.ToArray();
        for (var start = 0; start < image.Length; start += pixels)
        {
            var channel = image.Slice(start, pixels);
            var filled = removed.Length == pixels ? Mean(channel) : Solve(channel, removed, places, kept);
            for (var i = 0; i < removed.Length; i++)
            {
                result[start + removed[i]] = (float)(filled[i] + (noise * random.NextNormal()));
            }
        }

        return result;
    }

    private static double[] Mean(ReadOnlySpan<float> channel)
    {
        var sum = 0.0;
        foreach (var value in channel)
        {
            sum += value;
        }

        var mean = new double[channel.Length];
        Array.Fill(mean, sum / channel.Length);
        return mean;
    }

    // The pixels around each removed one; -1 outside of the image.
    private static int[] FindNeighbours(int[] removed, int height, int width)
    {
        var places = new int[removed.Length * Neighbours];
        for (var i = 0; i < removed.Length; i++)
        {
            for (var n = 0; n < Neighbours; n++)
            {
                var (y, x) = ((removed[i] / width) + _offsets[n].Down, (removed[i] % width) + _offsets[n].Across);
                places[(i * Neighbours) + n] = y >= 0 && y < height && x >= 0 && x < width ? (y * width) + x : -1;
            }
        }

        return places;
    }

    private static double[] Solve(ReadOnlySpan<float> channel, int[] removed, int[] places, bool[] kept)
    {
        // The kept neighbours are the right-hand side; vectors have a value for each pixel of the image, 0 where it is kept.
        var (right, diagonal) = (new double[removed.Length], new double[removed.Length]);
        for (var i = 0; i < removed.Length; i++)
        {
            for (var n = 0; n < Neighbours; n++)
            {
                var place = places[(i * Neighbours) + n];
                diagonal[i] += place < 0 ? 0 : _offsets[n].Weight;
                right[i] += place >= 0 && kept[place] ? _offsets[n].Weight * channel[place] : 0;
            }
        }

        var (solution, residual, direction) = (new double[removed.Length], (double[])right.Clone(), new double[channel.Length]);
        Scatter(right, removed, direction);
        var product = new double[removed.Length];
        var (norm, goal) = (Dot(residual, residual), Tolerance * Tolerance * Dot(right, right));
        for (var step = 0; step < MostSteps && norm > goal; step++)
        {
            var curvature = Multiply(direction, removed, places, diagonal, product);
            var length = norm / curvature;
            for (var i = 0; i < removed.Length; i++)
            {
                solution[i] += length * direction[removed[i]];
                residual[i] -= length * product[i];
            }

            var next = Dot(residual, residual);
            var share = next / norm;
            for (var i = 0; i < removed.Length; i++)
            {
                direction[removed[i]] = residual[i] + (share * direction[removed[i]]);
            }

            norm = next;
        }

        return solution;
    }

    private static void Scatter(double[] values, int[] removed, double[] image)
    {
        for (var i = 0; i < removed.Length; i++)
        {
            image[removed[i]] = values[i];
        }
    }

    // Multiplies the matrix by a direction, and returns the direction's product with the result.
    private static double Multiply(double[] direction, int[] removed, int[] places, double[] diagonal, double[] product)
    {
        var curvature = 0.0;
        for (var i = 0; i < removed.Length; i++)
        {
            var own = direction[removed[i]];
            var sum = diagonal[i] * own;
            for (var n = 0; n < Neighbours; n++)
            {
                var place = places[(i * Neighbours) + n];
                sum -= place < 0 ? 0 : _offsets[n].Weight * direction[place];
            }

            product[i] = sum;
            curvature += own * sum;
        }

        return curvature;
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
}
