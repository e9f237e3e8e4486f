using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Dropout;

/// <summary>Covers a regular grid of squares (Chen et al. 2020).</summary>
public sealed record GridDropout : Transform
{
    /// <summary>Number of squares along the shorter side.</summary>
    public int Squares { get; init; } = 7;

    /// <summary>Side of a square, as a share of the grid spacing.</summary>
    public double Share { get; init; } = 0.4;

    /// <summary>Level of the squares.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Squares, 1, 100, nameof(Squares));
        CheckRange(Share, 0, 1, nameof(Share));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var step = Math.Max(1, Math.Min(size.Width, size.Height) / Squares);
        var side = (int)Math.Round(step * Share);
        var (left, top) = (random.NextInteger(0, step), random.NextInteger(0, step));
        var boxes = new List<Box>();
        for (var y = top - step; y < size.Height; y += step)
        {
            for (var x = left - step; x < size.Width; x += step)
            {
                var (x0, y0) = (Math.Max(x, 0), Math.Max(y, 0));
                var (x1, y1) = (Math.Min(x + side, size.Width), Math.Min(y + side, size.Height));
                if (x1 > x0 && y1 > y0)
                {
                    boxes.Add(new(x0, y0, x1 - x0, y1 - y0));
                }
            }
        }

        var fill = Fill;
        ops.Add(new PixelOp.Custom(input => Cutout.Fill(input, boxes, fill)));
    }
}
