using SketchFlow.Data.Images;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Explanation;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>Lays maps of the network's square input on original images.</summary>
internal static class SaliencyOverlay
{
    // Yellow to vermilion of Okabe and Ito's palette: blue, green, red.
    private static readonly (double Blue, double Green, double Red) _low = (66, 228, 240);
    private static readonly (double Blue, double Green, double Red) _high = (0, 94, 213);

    // Relevance from which the colour is vermilion rather than yellow.
    private const double Middle = 0.5;

    /// <summary>Computes the relevance of the pixels of an original image: the inverse of padding, resizing and cropping.</summary>
    /// <param name="map">The map of the square.</param>
    /// <param name="options">The preparation that made the square.</param>
    /// <param name="width">Width of the original, pixels.</param>
    /// <param name="height">Height of the original, pixels.</param>
    /// <returns>Relevance from 0 to 1, row by row; 0 where the network did not see the pixel.</returns>
    public static float[] OnOriginal(SaliencyMap map, PadResizeOptions options, int width, int height)
    {
        var side = options.Side;
        var (square, place) = (map.ToPixels(side, side), PadResize.Place(options, width, height));
        var relevance = new float[width * height];
        for (var y = 0; y < height; y++)
        {
            var row = place.Top + ((y + 0.5) * place.Height / height) - 0.5;
            for (var x = 0; x < width; x++)
            {
                var column = place.Left + ((x + 0.5) * place.Width / width) - 0.5;
                relevance[(y * width) + x] = row < -0.5 || column < -0.5 || row > side - 0.5 || column > side - 0.5 ? 0 : Sample(square, side, row, column);
            }
        }

        return relevance;
    }

    /// <summary>Tints the paper of a drawing by relevance, from yellow to vermilion; its ink stays dark on light paper, and light on dark paper.</summary>
    /// <param name="image">The original; the caller keeps ownership.</param>
    /// <param name="relevance">Relevance of its pixels.</param>
    /// <returns>Blue, green, red; the caller owns it.</returns>
    public static Pixels Draw(Pixels image, float[] relevance)
    {
        var drawn = Pixels.Rent(image.Sample, image.Width, image.Height, 3);
        var from = image.Bytes;
        var to = drawn.Bytes;
        var isDark = Paper(image) < 128;
        for (var i = 0; i < relevance.Length; i++)
        {
            double share = relevance[i];
            var hot = Math.Clamp((share - Middle) / (1 - Middle), 0, 1);
            var cover = Math.Min(1, share / Middle);
            for (var channel = 0; channel < 3; channel++)
            {
                var level = from[(i * image.Channels) + (image.Channels == 1 ? 0 : channel)];
                var (low, high) = channel switch
                {
                    0 => (_low.Blue, _high.Blue),
                    1 => (_low.Green, _high.Green),
                    _ => (_low.Red, _high.Red),
                };
                var colour = low + ((high - low) * hot);
                to[(i * 3) + channel] = (byte)Math.Round(isDark
                    ? 255 - ((255 - level) * (255 - (colour * cover)) / 255)
                    : level * (255 + ((colour - 255) * cover)) / 255);
            }
        }

        return drawn;
    }

    /// <summary>Finds the bounding box of a drawing: the pixels whose brightness is far from that of the paper.</summary>
    /// <returns>Left, top, right and bottom, the last two exclusive; the whole image if there is no such pixel.</returns>
    public static (int Left, int Top, int Right, int Bottom) FindBox(Pixels image)
    {
        const int Far = 64;
        var paper = Paper(image);
        var (left, top, right, bottom) = (image.Width, image.Height, 0, 0);
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            if (Math.Abs(Level(image, i) - paper) > Far)
            {
                var (y, x) = (i / image.Width, i % image.Width);
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
            }
        }

        return right == 0 ? (0, 0, image.Width, image.Height) : (left, top, right, bottom);
    }

    /// <summary>Computes the share of the relevance inside of a box, 0 to 1; 0 if there is none.</summary>
    public static double ShareInside(float[] relevance, int width, (int Left, int Top, int Right, int Bottom) box)
    {
        var (inside, all) = (0.0, 0.0);
        for (var i = 0; i < relevance.Length; i++)
        {
            var (y, x) = (i / width, i % width);
            all += relevance[i];
            inside += x >= box.Left && x < box.Right && y >= box.Top && y < box.Bottom ? relevance[i] : 0;
        }

        return all == 0 ? 0 : inside / all;
    }

    private static float Sample(float[] square, int side, double row, double column)
    {
        var (y, x) = (Math.Clamp(row, 0, side - 1), Math.Clamp(column, 0, side - 1));
        var (top, left) = ((int)y, (int)x);
        var (bottom, right) = (Math.Min(top + 1, side - 1), Math.Min(left + 1, side - 1));
        var (down, across) = (y - top, x - left);
        var above = (square[(top * side) + left] * (1 - across)) + (square[(top * side) + right] * across);
        var below = (square[(bottom * side) + left] * (1 - across)) + (square[(bottom * side) + right] * across);
        return (float)((above * (1 - down)) + (below * down));
    }

    // The median brightness.
    private static int Paper(Pixels image)
    {
        var counts = new int[256];
        var count = image.Width * image.Height;
        for (var i = 0; i < count; i++)
        {
            counts[Level(image, i)]++;
        }

        var (level, below) = (0, counts[0]);
        while (below <= count / 2 && level < 255)
        {
            below += counts[++level];
        }

        return level;
    }

    private static int Level(Pixels image, int pixel)
    {
        var bytes = image.Bytes;
        return image.Channels == 1 ? bytes[pixel] : (bytes[pixel * 3] + bytes[(pixel * 3) + 1] + bytes[(pixel * 3) + 2]) / 3;
    }
}
