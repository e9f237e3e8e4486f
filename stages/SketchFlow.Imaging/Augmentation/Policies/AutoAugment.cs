using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>AutoAugment (Cubuk et al. 2019) with the ImageNet policy: one of 25 pairs of operations.</summary>
public sealed record AutoAugment : Transform
{
    private static readonly (string Op, double P, int Bin)[][] Pairs =
    [
        [("Posterize", 0.4, 8), ("Rotate", 0.6, 9)], [("Solarize", 0.6, 5), ("AutoContrast", 0.6, 0)], [("Equalize", 0.8, 0), ("Equalize", 0.6, 0)],
        [("Posterize", 0.6, 7), ("Posterize", 0.6, 6)], [("Equalize", 0.4, 0), ("Solarize", 0.2, 4)], [("Equalize", 0.4, 0), ("Rotate", 0.8, 8)],
        [("Solarize", 0.6, 3), ("Equalize", 0.6, 0)], [("Posterize", 0.8, 5), ("Equalize", 1, 0)], [("Rotate", 0.2, 3), ("Solarize", 0.6, 8)],
        [("Equalize", 0.6, 0), ("Posterize", 0.4, 6)], [("Rotate", 0.8, 8), ("Color", 0.4, 0)], [("Rotate", 0.4, 9), ("Equalize", 0.6, 0)],
        [("Equalize", 0, 0), ("Equalize", 0.8, 0)], [("Invert", 0.6, 0), ("Equalize", 1, 0)], [("Color", 0.6, 4), ("Contrast", 1, 8)],
        [("Rotate", 0.8, 8), ("Color", 1, 2)], [("Color", 0.8, 8), ("Solarize", 0.8, 7)], [("Sharpness", 0.4, 7), ("Invert", 0.6, 0)],
        [("ShearX", 0.6, 5), ("Equalize", 1, 0)], [("Color", 0.4, 0), ("Equalize", 0.6, 0)], [("Equalize", 0.4, 0), ("Solarize", 0.2, 4)],
        [("Solarize", 0.6, 5), ("AutoContrast", 0.6, 0)], [("Invert", 0.6, 0), ("Equalize", 1, 0)], [("Color", 0.6, 4), ("Contrast", 1, 8)],
        [("Equalize", 0.8, 0), ("Equalize", 0.6, 0)],
    ];

    /// <summary>Creates the transform with a probability of 1.</summary>
    public AutoAugment() => P = 1;

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        foreach (var (op, p, bin) in Pairs[random.NextInteger(0, Pairs.Length)])
        {
            var magnitude = PolicyOperations.Magnitude(op, bin / 9.0, size, ref random);
            if (random.Happens(p))
            {
                PolicyOperations.Add(op, magnitude, size, ops);
            }
        }
    }
}
