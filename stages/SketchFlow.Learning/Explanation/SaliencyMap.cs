using System.Collections.Immutable;

namespace SketchFlow.Learning.Explanation;

/// <summary>Relevance of the cells of a square image for a class, row by row.</summary>
/// <param name="Method">Method that computed it.</param>
/// <param name="Height">Number of rows of cells.</param>
/// <param name="Width">Number of columns of cells.</param>
/// <param name="Values">Relevance of each cell: row × <paramref name="Width"/> + column.</param>
public sealed record SaliencyMap(SaliencyMethod Method, int Height, int Width, ImmutableArray<float> Values)
{
    // As pytorch-grad-cam, so that a constant map becomes 0.
    private const float Epsilon = 1e-7F;

    /// <summary>Whether all cells have the same relevance, so that the map shows nothing.</summary>
    public bool IsConstant => Values.IsEmpty || Values.Max() <= Values.Min();

    /// <summary>Enlarges the map bilinearly, and scales it so that the least relevant pixel is 0 and the most relevant one is 1.</summary>
    /// <param name="height">Number of rows of pixels.</param>
    /// <param name="width">Number of columns of pixels.</param>
    /// <returns>Relevance of each pixel: row × <paramref name="width"/> + column.</returns>
    public float[] ToPixels(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var cells = Values.ToArray();
        Scale(cells);
        var (rows, columns) = (Places(height, Height), Places(width, Width));
        var pixels = new float[height * width];
        for (var y = 0; y < height; y++)
        {
            var (top, bottom, down) = rows[y];
            for (var x = 0; x < width; x++)
            {
                var (left, right, across) = columns[x];
                var above = Mix(cells[(top * Width) + left], cells[(top * Width) + right], across);
                var below = Mix(cells[(bottom * Width) + left], cells[(bottom * Width) + right], across);
                pixels[(y * width) + x] = Mix(above, below, down);
            }
        }

        Scale(pixels);
        return pixels;
    }

    private static float Mix(float a, float b, float share) => a + ((b - a) * share);

    // The two cells whose centres enclose the centre of each pixel, and the share of the second.
    private static (int First, int Second, float Share)[] Places(int pixels, int cells)
    {
        var places = new (int, int, float)[pixels];
        for (var i = 0; i < pixels; i++)
        {
            var place = Math.Clamp(((i + 0.5F) * cells / pixels) - 0.5F, 0, cells - 1);
            var first = (int)place;
            places[i] = (first, Math.Min(first + 1, cells - 1), place - first);
        }

        return places;
    }

    private static void Scale(float[] values)
    {
        var least = values.Min();
        var range = values.Max() - least + Epsilon;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (values[i] - least) / range;
        }
    }
}
