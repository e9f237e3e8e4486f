using OpenCvSharp;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Augmentation.Blur;

/// <summary>Blurs with a Gaussian.</summary>
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
        CheckRange(MaxSigma, 0.01, 50, nameof(MaxSigma));
        CheckRange(MinSigma, 0.01, MaxSigma, nameof(MinSigma));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var sigma = random.NextUniform(MinSigma, MaxSigma);
        ops.Add(new PixelOp.Custom(input => MatOperation.Run(input, (source, target) => Cv2.GaussianBlur(source, target, default, sigma))));
    }
}
