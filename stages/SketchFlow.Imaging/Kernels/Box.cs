using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Kernels;

/// <summary>A rectangle of whole pixels.</summary>
public readonly record struct Box(int X, int Y, int Width, int Height)
{
    /// <summary>Places a box at random inside an image; its sides are the given shares of the image's sides.</summary>
    internal static Box Random(ref KeyedRandom random, ImageSize size, double width, double height)
    {
        var (w, h) = ((int)Math.Round(size.Width * width), (int)Math.Round(size.Height * height));
        return new(random.NextInteger(0, size.Width - w + 1), random.NextInteger(0, size.Height - h + 1), w, h);
    }
}
