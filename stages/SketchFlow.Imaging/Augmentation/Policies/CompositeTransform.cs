using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation.Strokes;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>A transform that holds other transforms.</summary>
public abstract record CompositeTransform : Transform
{
    /// <summary>The transforms, in order.</summary>
    public ImmutableArray<Transform> Transforms { get; init; } = [new Erode { P = 1 }, new Dilate { P = 1 }];

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        if (Transforms.IsDefaultOrEmpty)
        {
            throw new RefusalException($"{Name} has no transforms; list at least one under \"transforms\".");
        }

        foreach (var transform in Transforms)
        {
            transform.Check();
            if (transform.OutputSize(new(97, 89)) != new ImageSize(97, 89))
            {
                throw new RefusalException(
                    $"{Name} contains {transform}, which changes the size; move it out of {Name}, so that all images of a batch have one size.");
            }
        }
    }

    /// <summary>Compares type, probability and transforms by value; records would compare the arrays by reference.</summary>
    public virtual bool Equals(CompositeTransform? other) => base.Equals(other) && Transforms.AsSpan().SequenceEqual(other!.Transforms.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Transforms.IsDefault ? base.GetHashCode() : Transforms.Aggregate(base.GetHashCode(), HashCode.Combine);

    /// <summary>Samples the operations of all transforms in order, each with its own probability.</summary>
    private protected void SampleAll(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        for (var i = 0; i < Transforms.Length; i++)
        {
            if (random.Happens(Transforms[i].P))
            {
                SampleMember(i, random, size, ops);
            }
        }
    }

    /// <summary>Samples the operations of one transform from its own random stream.</summary>
    private protected void SampleMember(int index, KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var part = random.Fork((ulong)index + 1);
        Transforms[index].SampleOps(ref part, size, ops);
    }
}
