using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Tests.Imaging.Augmentation.Strokes;

/// <summary>Draws a dark line around the image, a few pixels inside the border.</summary>
public sealed record FrameLine : Transform
{
    /// <summary>Largest distance from the border in pixels; each image draws one from 1 to this.</summary>
    public int Margin { get; init; } = 8;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Margin, 1, 64, nameof(Margin));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var margin = random.NextInteger(1, Margin + 1);
        ops.Add(new PixelOp.Custom(input => Frame(input, Math.Min(margin, (Math.Min(size.Width, size.Height) - 1) / 2))));
    }

    private static Pixels Frame(Pixels input, int margin)
    {
        var output = input.Clone();
        var (width, height, channels) = (input.Width, input.Height, input.Channels);
        for (var y = margin; y < height - margin; y++)
        {
            for (var x = margin; x < width - margin; x++)
            {
                if (x == margin || y == margin || x == width - margin - 1 || y == height - margin - 1)
                {
                    output.Bytes.Slice(((y * width) + x) * channels, channels).Clear();
                }
            }
        }

        return output;
    }
}
