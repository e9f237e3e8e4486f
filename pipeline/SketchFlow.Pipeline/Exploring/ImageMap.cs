using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Projection;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>The images of a data set as points of a plane, near where the images resemble each other, and the nearest neighbours of each.</summary>
/// <remarks>
/// Images are compared by a vector each, of which 50 principal components are kept; the neighbours are those of these components and not of the plane. Any
/// vectors of equal length do, such as the embeddings of a run.
/// </remarks>
internal sealed record ImageMap
{
    /// <summary>Largest number of images on a map.</summary>
    public const int MaxImages = 10_000;

    /// <summary>Number of neighbours of an image.</summary>
    public const int NeighbourCount = 5;

    private const int Components = 50;

    /// <summary>Numbers of the images on the map, ascending.</summary>
    public required ImmutableArray<int> Images { get; init; }

    /// <summary>Place of each image, in the order of <see cref="Images"/>.</summary>
    public required ImmutableArray<MapPoint> Points { get; init; }

    /// <summary>Places in <see cref="Images"/> of the nearest neighbours of each image, the nearest first.</summary>
    public required ImmutableArray<ImmutableArray<int>> Neighbours { get; init; }

    /// <summary>Lays out a map.</summary>
    /// <param name="count">Number of images; of more than <see cref="MaxImages"/>, a random sample is taken, always the same.</param>
    /// <param name="vector">Returns the vector of an image by its number.</param>
    /// <param name="workers">Number of threads, which do not change the map.</param>
    /// <param name="cancellation">Stops the layout.</param>
    public static ImageMap Create(int count, Func<int, float[]> vector, int workers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ImmutableArray<int> images = [.. Sample(count)];
        var rows = PrincipalComponents.Project([.. images.Select(vector)], Components, workers);
        var nearest = NearestNeighbours.Find(rows, NeighbourCount, workers, cancellation);
        return new ImageMap
        {
            Images = images,
            Points = [.. Tsne.Run(rows, new TsneOptions { Workers = workers }, cancellation)],
            Neighbours = [.. nearest.Indices.Select(n => n.ToImmutableArray())],
        };
    }

    /// <summary>Returns the map of the strokes of an image at 16 × 16 pixels, which inversion does not change and thickness changes little.</summary>
    public static float[] StrokeVector(ExploredImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        const int Side = 32, Half = Side / 2;
        var levels = image.Strokes.Levels;
        var vector = new float[Half * Half];
        for (var i = 0; i < levels.Length; i++)
        {
            vector[(i / Side / 2 * Half) + (i % Side / 2)] += levels[i] / (4 * 255f);
        }

        return vector;
    }

    private static IEnumerable<int> Sample(int count)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        if (count <= MaxImages)
        {
            return all;
        }

        var random = KeyedRandom.For(0, 0, 0, "image map");
        random.Shuffle(all.AsSpan());
        return all.Take(MaxImages).Order();
    }
}
