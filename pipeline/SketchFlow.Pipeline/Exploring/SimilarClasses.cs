using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>Finds classes whose drawings resemble each other, without a model, by the maps of their strokes.</summary>
/// <remarks>
/// Each image is compared with the mean map of every class (its own without the image itself), by the cosine of the angle between the maps less the mean map
/// of all images. Two classes resemble each other where images of each are nearer to the mean of the other class than to any other. This is a nearest-mean
/// classifier with leave-one-out estimation.
/// </remarks>
internal static class SimilarClasses
{
    private const int Size = ImageFingerprint.Side * ImageFingerprint.Side;

    /// <summary>Finds the pairs.</summary>
    /// <param name="images">All images; those without a label are ignored.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>Pairs with at least one image in both directions, the largest share first.</returns>
    public static ImmutableArray<SimilarPair> Find(IReadOnlyList<ExploredImage> images, int classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        var labelled = images.Where(i => i.Sample.Target is not null && !i.Strokes.IsBlank).ToList();
        var mean = Mean(labelled);
        var (sums, counts) = (new float[classes][], new int[classes]);
        for (var c = 0; c < classes; c++)
        {
            sums[c] = new float[Size];
        }

        foreach (var image in labelled)
        {
            var target = image.Sample.Target!.Value;
            AddTo(sums[target], Unit(image, mean));
            counts[target]++;
        }

        double[] lengths = [.. sums.Select(s => Math.Sqrt(Dot(s, s)))];
        var nearest = new int[labelled.Count];
        Parallel.For(0, labelled.Count, i => nearest[i] = Nearest(Unit(labelled[i], mean), labelled[i].Sample.Target!.Value, sums, lengths));
        var taken = labelled.Select((image, i) => (Given: image.Sample.Target!.Value, Nearest: nearest[i])).CountBy(p => p).ToDictionary();
        return
        [
            .. taken.Where(t => t.Key.Given < t.Key.Nearest && taken.ContainsKey((t.Key.Nearest, t.Key.Given)))
                .Select(t => SimilarPair.Create(t.Key.Given, t.Key.Nearest, t.Value, taken[(t.Key.Nearest, t.Key.Given)], counts))
                .OrderByDescending(p => p.Share).ThenBy(p => p.First).ThenBy(p => p.Second),
        ];
    }

    private static float[] Mean(List<ExploredImage> images)
    {
        var sums = new long[Size];
        foreach (var image in images)
        {
            var levels = image.Strokes.Levels;
            for (var i = 0; i < Size; i++)
            {
                sums[i] += levels[i];
            }
        }

        return Array.ConvertAll(sums, s => (float)s / Math.Max(1, images.Count));
    }

    // The map less the mean map, of length 1.
    private static float[] Unit(ExploredImage image, float[] mean)
    {
        var levels = image.Strokes.Levels;
        var map = new float[Size];
        for (var i = 0; i < Size; i++)
        {
            map[i] = levels[i] - mean[i];
        }

        var length = (float)Math.Max(1e-6, Math.Sqrt(Dot(map, map)));
        for (var i = 0; i < Size; i++)
        {
            map[i] /= length;
        }

        return map;
    }

    private static int Nearest(float[] map, int own, float[][] sums, double[] lengths)
    {
        var (nearest, best) = (own, double.NegativeInfinity);
        for (var c = 0; c < sums.Length; c++)
        {
            double product = Dot(map, sums[c]);
            var length = lengths[c];
            if (c == own)
            {
                // The sum of the other images: |s - m|² = |s|² - 2 s·m + 1, since m has length 1.
                length = Math.Sqrt(Math.Max(0, (length * length) - (2 * product) + 1));
                product -= 1;
            }

            var cosine = length > 1e-3 ? product / length : double.NegativeInfinity;
            if (cosine > best)
            {
                (nearest, best) = (c, cosine);
            }
        }

        return nearest;
    }

    private static void AddTo(float[] sum, float[] map)
    {
        for (var i = 0; i < Size; i++)
        {
            sum[i] += map[i];
        }
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        for (var i = 0; i < Size; i += Vector<float>.Count)
        {
            sum += new Vector<float>(a, i) * new Vector<float>(b, i);
        }

        return Vector.Sum(sum);
    }
}
