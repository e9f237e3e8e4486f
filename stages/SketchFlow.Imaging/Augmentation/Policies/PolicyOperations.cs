using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>The operations and magnitudes of the policies (torchvision 0.21 <c>transforms/autoaugment.py</c>).</summary>
internal static class PolicyOperations
{
    /// <summary>RandAugment's and TrivialAugment's operations.</summary>
    public static string[] AugmentationSpace { get; } =
    [
        "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize",
        "AutoContrast", "Equalize",
    ];

    /// <summary>Returns the magnitude at a share (0-1) of its range, with a random sign where the operation has two directions.</summary>
    public static double Magnitude(string op, double share, ImageSize size, ref KeyedRandom random, bool wide = false)
    {
        var sign = random.Happens(0.5) ? -1 : 1;
        return op switch
        {
            "ShearX" or "ShearY" => sign * share * (wide ? 0.99 : 0.3),
            "TranslateX" => sign * share * (wide ? 32 : 150.0 / 331 * size.Width),
            "TranslateY" => sign * share * (wide ? 32 : 150.0 / 331 * size.Height),
            "Rotate" => sign * share * (wide ? 135 : 30),
            "Brightness" or "Color" or "Contrast" or "Sharpness" => sign * share * (wide ? 0.99 : 0.9),
            "Posterize" => 8 - Math.Round(share * (wide ? 6 : 4)),
            "Solarize" => 255 * (1 - share),
            _ => 0,
        };
    }

    /// <summary>Adds an operation of magnitude <paramref name="m"/>; Identity adds nothing.</summary>
    public static void Add(string op, double m, ImageSize size, List<PixelOp> ops)
    {
        PixelOp? act = op switch
        {
            // Pillow samples x + m y at pixel centres, relative to the corner of the image.
            "ShearX" => new PixelOp.Affine(new AffineMap(1, -m, -m / 2, 0, 1, 0), size),
            "ShearY" => new PixelOp.Affine(new AffineMap(1, 0, 0, -m, 1, -m / 2), size),
            "TranslateX" => new PixelOp.Affine(AffineMap.Identity with { X0 = Math.Truncate(m) }, size),
            "TranslateY" => new PixelOp.Affine(AffineMap.Identity with { Y0 = Math.Truncate(m) }, size),
            "Rotate" => new PixelOp.Affine(AffineMap.Rotation(size, m), size),
            "Brightness" => new PixelOp.LevelMap(PillowOps.BlendTable(0, 1 + m)),
            "Color" => new PixelOp.Custom(x => PillowOps.Color(x, m)),
            "Contrast" => new PixelOp.Custom(x => PillowOps.Contrast(x, m)),
            "Sharpness" => new PixelOp.Custom(x => PillowOps.Sharpness(x, m)),
            "Posterize" => new PixelOp.LevelMap(LookupTables.Posterize((int)m)),
            "Solarize" => new PixelOp.LevelMap(LookupTables.Solarize(m)),
            "AutoContrast" => new PixelOp.Custom(PillowOps.AutoContrast),
            "Equalize" => new PixelOp.Custom(PillowOps.Equalize),
            "Invert" => new PixelOp.LevelMap(LookupTables.Invert()),
            _ => null,
        };
        if (act is not null)
        {
            ops.Add(act);
        }
    }
}
