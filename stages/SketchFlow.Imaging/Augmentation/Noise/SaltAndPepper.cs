using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

/// <summary>Turns single pixels white or black.</summary>
public sealed record SaltAndPepper : Transform
{
    /// <summary>Largest share of pixels that change; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 0.02;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Amount, 0, 1, nameof(Amount));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var (count, pixels) = ((int)(chance.NextUniform(0, Amount) * size.Width * size.Height), chance.Fork(1));
        acts.Add(new PixelOp.Custom(input => Augment.SaltAndPepper(input, count, pixels)));
    }
}
