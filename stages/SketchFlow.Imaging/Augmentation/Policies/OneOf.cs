using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies one of its transforms, chosen in proportion to their probabilities.</summary>
public sealed record OneOf : Choice
{
    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var left = chance.NextUniform(0, Transforms.Sum(t => t.P));
        for (var i = 0; i < Transforms.Length; i++)
        {
            left -= Transforms[i].P;
            if (left < 0)
            {
                DrawPart(i, chance, size, acts);
                return;
            }
        }
    }
}
