using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>RandAugment (Cubuk et al. 2020) with torchvision's operations: a few of fourteen, all of one magnitude.</summary>
/// <remarks>Geometric operations are bilinear warps and fuse with their neighbours; the others have Pillow's arithmetic.</remarks>
public sealed record RandAugment : Transform
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public RandAugment() => P = 1;

    /// <summary>Operations for each image.</summary>
    public int Operations { get; init; } = 2;

    /// <summary>Magnitude in bins, 0-30.</summary>
    public int Magnitude { get; init; } = 9;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Operations, 1, 14, nameof(Operations));
        Within(Magnitude, 0, 30, nameof(Magnitude));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        for (var i = 0; i < Operations; i++)
        {
            var op = Policy.Space[chance.NextInteger(0, Policy.Space.Length)];
            Policy.Add(op, Policy.MagnitudeOf(op, Magnitude / 30.0, size, ref chance), size, acts);
        }
    }
}

/// <summary>TrivialAugment Wide (Müller and Hutter 2021): one operation of random magnitude, nothing to tune.</summary>
public sealed record TrivialAugment : Transform
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public TrivialAugment() => P = 1;

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var op = Policy.Space[chance.NextInteger(0, Policy.Space.Length)];
        Policy.Add(op, Policy.MagnitudeOf(op, chance.NextInteger(0, 31) / 30.0, size, ref chance, wide: true), size, acts);
    }
}

/// <summary>AutoAugment (Cubuk et al. 2019), the policy found on ImageNet: one of 25 pairs of operations.</summary>
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

    /// <summary>Applied always, unless told otherwise.</summary>
    public AutoAugment() => P = 1;

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        foreach (var (op, p, bin) in Pairs[chance.NextInteger(0, Pairs.Length)])
        {
            var magnitude = Policy.MagnitudeOf(op, bin / 9.0, size, ref chance);
            if (chance.Happens(p))
            {
                Policy.Add(op, magnitude, size, acts);
            }
        }
    }
}

/// <summary>The operations and magnitudes that the policies share (torchvision 0.21 <c>transforms/autoaugment.py</c>).</summary>
internal static class Policy
{
    /// <summary>RandAugment's and TrivialAugment's operations.</summary>
    public static string[] Space { get; } =
    [
        "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize",
        "AutoContrast", "Equalize",
    ];

    /// <summary>The magnitude at a share (0-1) of its range; where a sign makes sense, both are as likely.</summary>
    public static double MagnitudeOf(string op, double share, Extent size, ref Chance chance, bool wide = false)
    {
        var sign = chance.Happens(0.5) ? -1 : 1;
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

    public static void Add(string op, double m, Extent size, List<Act> acts)
    {
        Act? act = op switch
        {
            // Pillow samples x + m y at pixel centres, about the image's corner.
            "ShearX" => new Act.Warp(new AffineMap(1, -m, -m / 2, 0, 1, 0), size),
            "ShearY" => new Act.Warp(new AffineMap(1, 0, 0, -m, 1, -m / 2), size),
            "TranslateX" => new Act.Warp(AffineMap.Identity with { X0 = Math.Truncate(m) }, size),
            "TranslateY" => new Act.Warp(AffineMap.Identity with { Y0 = Math.Truncate(m) }, size),
            "Rotate" => new Act.Warp(AffineMap.Turn(size, m), size),
            "Brightness" => new Act.Tone(Pillow.BlendTable(0, 1 + m)),
            "Color" => new Act.Paint(x => Pillow.Colour(x, m)),
            "Contrast" => new Act.Paint(x => Pillow.Contrast(x, m)),
            "Sharpness" => new Act.Paint(x => Pillow.Sharpness(x, m)),
            "Posterize" => new Act.Tone(Augment.PosterizeTable((int)m)),
            "Solarize" => new Act.Tone(Augment.SolarizeTable(m)),
            "AutoContrast" => new Act.Paint(Pillow.AutoContrast),
            "Equalize" => new Act.Paint(Pillow.Equalize),
            "Invert" => new Act.Tone(Augment.Table(v => 255 - v)),
            _ => null,
        };
        if (act is not null)
        {
            acts.Add(act);
        }
    }
}
