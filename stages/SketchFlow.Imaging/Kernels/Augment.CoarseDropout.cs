using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation.Dropout;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>Fills boxes with one level.</summary>
    public static Pixels Cover(Pixels input, IReadOnlyList<Box> boxes, byte fill)
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
