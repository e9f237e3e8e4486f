using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Dropout;

/// <summary>Covers a few boxes with paper (DeVries and Taylor 2017), so that the model does not depend on single details such as watermarks.</summary>
public sealed record CoarseDropout : Transform
{
    /// <summary>Largest number of boxes; each image draws from 1 to this.</summary>
    public int Boxes { get; init; } = 6;

    /// <summary>Smallest side of a box, as a share of the image's side.</summary>
    public double MinSide { get; init; } = 0.05;

    /// <summary>Largest side of a box, as a share of the image's side.</summary>
    public double MaxSide { get; init; } = 0.15;

    /// <summary>Level of the boxes.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Boxes, 1, 1000, nameof(Boxes));
        CheckRange(MaxSide, 0, 1, nameof(MaxSide));
        CheckRange(MinSide, 0, MaxSide, nameof(MinSide));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (boxes, fill) = (new Box[random.NextInteger(1, Boxes + 1)], Fill);
        for (var i = 0; i < boxes.Length; i++)
        {
            boxes[i] = Box.Random(ref random, size, random.NextUniform(MinSide, MaxSide), random.NextUniform(MinSide, MaxSide));
        }

        ops.Add(new PixelOp.Custom(input => Cutout.Fill(input, boxes, fill)));
    }
}
