using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Covers parts of an image with one level (cutout, random erasing).</summary>
public static class Cutout
{
    /// <summary>Fills the boxes with <paramref name="fill"/>.</summary>
    public static Pixels Fill(Pixels input, IReadOnlyList<Box> boxes, byte fill)
    {
        var output = input.Clone();
        foreach (var box in boxes)
        {
            for (var y = box.Y; y < box.Y + box.Height; y++)
            {
                output.Bytes.Slice(((y * input.Width) + box.X) * input.Channels, box.Width * input.Channels).Fill(fill);
            }
        }

        return output;
    }
}
