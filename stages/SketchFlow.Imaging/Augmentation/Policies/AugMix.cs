using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>AugMix (Hendrycks et al. 2020): several short chains of operations, blended with one another and with the image.</summary>
/// <remarks>The paper's operations and its prior of 1: the chains' weights are Dirichlet(1, …, 1), the image's share is uniform. The consistency loss is not part of it.</remarks>
public sealed record AugMix : Transform
{
    private static readonly string[] Operations =
        ["AutoContrast", "Equalize", "Posterize", "Rotate", "Solarize", "ShearX", "ShearY", "TranslateX", "TranslateY"];

    /// <summary>Applied always, unless told otherwise.</summary>
    public AugMix() => P = 1;

    /// <summary>Chains that are blended.</summary>
    public int Width { get; init; } = 3;

    /// <summary>Most operations in a chain; each draws from 1 to this.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Largest strength of an operation, 0-10; each draws its own up to this.</summary>
    public double Severity { get; init; } = 3;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Width, 1, 10, nameof(Width));
        CheckRange(Depth, 1, 10, nameof(Depth));
        CheckRange(Severity, 0, 10, nameof(Severity));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var share = (float)random.NextUnit();
        var chains = new (float Weight, List<PixelOp> Ops)[Width];
        for (var i = 0; i < Width; i++)
        {
            // Exponentials over their sum are a Dirichlet of ones.
            chains[i] = ((float)-Math.Log(1 - random.NextUnit()), []);
            for (var left = random.NextInteger(1, Depth + 1); left > 0; left--)
            {
                var op = Operations[random.NextInteger(0, Operations.Length)];
                PolicyOperations.Add(op, PolicyOperations.Magnitude(op, random.NextUniform(0, Severity / 10), size, ref random), size, chains[i].Ops);
            }
        }

        ops.Add(new PixelOp.Custom(input => Augment.Blend(input, chains, share)));
    }
}
