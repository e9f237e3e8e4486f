using OpenCvSharp;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Moves the four corners, like a photograph of the paper from the side.</summary>
public sealed record Perspective : Transform
{
    /// <summary>Largest shift of a corner along either axis, as a share of that side; beyond a quarter the paper could fold.</summary>
    public double Limit { get; init; } = 0.1;

    /// <summary>Level of the pixels outside of the image.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Limit, 0, 0.24, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (from, to) = (new Point2f[4], new Point2f[4]);
        for (var i = 0; i < 4; i++)
        {
            // The corners are at the outer edges of the pixels, half a pixel from their centres.
            from[i] = new Point2f(((i & 1) * size.Width) - 0.5F, ((i >> 1) * size.Height) - 0.5F);
            to[i] = from[i] + new Point2f((float)(random.NextUniform(-Limit, Limit) * size.Width), (float)(random.NextUniform(-Limit, Limit) * size.Height));
        }

        ops.Add(new PixelOp.Remap(DistortionMaps.Perspective(from, to), Fill));
    }
}
