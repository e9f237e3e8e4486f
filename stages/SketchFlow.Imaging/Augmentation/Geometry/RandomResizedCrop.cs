using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Crops a rectangle of random area and aspect ratio and resizes it (Szegedy et al. 2015, drawn as in torchvision).</summary>
/// <remarks>The crop is an affine map, so it is fused with a rotation before or after it.</remarks>
public sealed record RandomResizedCrop : Transform
{
    /// <summary>Smallest share of the area; larger than the 0.08 usual for ImageNet, because small crops of sketches lose the subject.</summary>
    public double MinScale { get; init; } = 0.6;

    /// <summary>Largest share of the area.</summary>
    public double MaxScale { get; init; } = 1;

    /// <summary>Largest aspect ratio (width / height); the smallest is its inverse.</summary>
    public double Ratio { get; init; } = 4 / 3.0;

    /// <summary>Width and height of the result, pixels; 0 keeps the size of the input.</summary>
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

        // Pixel edges map to pixel edges: x' + 0.5 = (x + 0.5 - left) sx.
        ops.Add(new PixelOp.Affine(new AffineMap(sx, 0, ((0.5 - left) * sx) - 0.5, 0, sy, ((0.5 - top) * sy) - 0.5), to));
    }
}
