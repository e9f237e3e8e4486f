using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies one of its transforms, chosen with weights proportional to their probabilities.</summary>
public sealed record OneOf : CompositeTransform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var left = random.NextUniform(0, Transforms.Sum(t => t.P));
        for (var i = 0; i < Transforms.Length; i++)
        {
            left -= Transforms[i].P;
            if (left < 0)
            {
                SampleMember(i, random, size, ops);
                return;
            }
        }
    }
}
