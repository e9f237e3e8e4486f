using OpenCvSharp;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Augmentation.Blur;

/// <summary>Gaussian blur.</summary>
public sealed record GaussianBlur : Transform
{
    /// <summary>Smallest standard deviation, pixels.</summary>
    public double MinSigma { get; init; } = 0.3;

    /// <summary>Largest standard deviation, pixels.</summary>
    public double MaxSigma { get; init; } = 1.5;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(MaxSigma, 0.01, 50, nameof(MaxSigma));
        Within(MinSigma, 0.01, MaxSigma, nameof(MinSigma));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var sigma = chance.NextUniform(MinSigma, MaxSigma);
        acts.Add(new PixelOp.Custom(input => Raster.Run(input, (source, target) => Cv2.GaussianBlur(source, target, default, sigma))));
    }
}
