using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Cuts out a rectangle of random area and aspect and brings it to a fixed size (Szegedy et al. 2015, as torchvision draws it).</summary>
/// <remarks>It is a warp, so a rotation before or after it costs no second interpolation.</remarks>
public sealed record RandomResizedCrop : Transform
{
    /// <summary>Smallest share of the area; sketches lose their subject sooner than photographs (ImageNet's usual 0.08).</summary>
    public double MinScale { get; init; } = 0.6;

    /// <summary>Largest share of the area.</summary>
    public double MaxScale { get; init; } = 1;

    /// <summary>Widest aspect (width over height) and, inverted, the tallest.</summary>
    public double Ratio { get; init; } = 4 / 3.0;

    /// <summary>Width and height of the result, pixels; 0 keeps the input's.</summary>
    public int Size { get; init; }

    /// <inheritdoc/>
    public override ImageSize OutputSize(ImageSize size) => Size == 0 ? size : new(Size, Size);

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(MaxScale, 0.01, 1, nameof(MaxScale));
        CheckRange(MinScale, 0.01, MaxScale, nameof(MinScale));
        CheckRange(Ratio, 1, 10, nameof(Ratio));
        CheckRange(Size, 0, 8192, nameof(Size));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (width, height) = ((double)size.Width, (double)size.Height);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = size.Width * (double)size.Height * random.NextUniform(MinScale, MaxScale);
            var ratio = Math.Exp(random.NextUniform(-Math.Log(Ratio), Math.Log(Ratio)));
            var (w, h) = (Math.Sqrt(area * ratio), Math.Sqrt(area / ratio));
            if (w <= size.Width && h <= size.Height)
            {
                (width, height) = (w, h);
                break;
            }
        }

        var left = random.NextUnit() * (size.Width - width);
        var top = random.NextUnit() * (size.Height - height);
        var to = OutputSize(size);
        var (sx, sy) = (to.Width / width, to.Height / height);

        // Edges, not centres, map onto edges: x' + 0.5 = (x + 0.5 - left) sx.
        ops.Add(new PixelOp.Affine(new AffineMap(sx, 0, ((0.5 - left) * sx) - 0.5, 0, sy, ((0.5 - top) * sy) - 0.5), to));
    }
}
