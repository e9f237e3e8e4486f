using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>AugMix (Hendrycks et al. 2020): blends several short chains of operations with one another and with the image.</summary>
/// <remarks>
/// The operations are the paper's, and so are the priors of 1: the weights of the chains are Dirichlet(1, …, 1), the share of the image is uniform. The
/// consistency loss is not included.
/// </remarks>
public sealed record AugMix : Transform
{
    private static readonly string[] Operations =
        ["AutoContrast", "Equalize", "Posterize", "Rotate", "Solarize", "ShearX", "ShearY", "TranslateX", "TranslateY"];

    /// <summary>Creates the transform with a probability of 1.</summary>
    public AugMix() => P = 1;

    /// <summary>Number of chains that are blended.</summary>
    public int Width { get; init; } = 3;

    /// <summary>Largest number of operations in a chain; each chain draws from 1 to this.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Largest strength of an operation, 0-10; each operation draws its own from 0 to this.</summary>
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
            // Exponential variables divided by their sum have the distribution Dirichlet(1, …, 1).
            chains[i] = ((float)-Math.Log(1 - random.NextUnit()), []);
            for (var left = random.NextInteger(1, Depth + 1); left > 0; left--)
            {
                var op = Operations[random.NextInteger(0, Operations.Length)];
                PolicyOperations.Add(op, PolicyOperations.Magnitude(op, random.NextUniform(0, Severity / 10), size, ref random), size, chains[i].Ops);
            }
        }

        ops.Add(new PixelOp.Custom(input => Blend(input, chains, share)));
    }

    /// <summary>Computes (1 - share) × image + share × weighted mean of the chains' outputs, rounded; the weights are normalised to a sum of 1.</summary>
    internal static Pixels Blend(Pixels input, (float Weight, List<PixelOp> Ops)[] chains, float share)
    {
        var total = chains.Sum(c => c.Weight);
        var sum = new float[input.Length];
        foreach (var (weight, ops) in chains)
        {
            using var one = AugmentPlan.Run(input, ops);
            var bytes = one.Bytes;
            var factor = total > 0 ? share * weight / total : share / chains.Length;
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += factor * bytes[i];
            }
        }

        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        for (var i = 0; i < sum.Length; i++)
        {
            output.Bytes[i] = (byte)Math.Clamp(MathF.Round(sum[i] + ((1 - share) * input.Bytes[i])), 0F, 255F);
        }

        return output;
    }
}
