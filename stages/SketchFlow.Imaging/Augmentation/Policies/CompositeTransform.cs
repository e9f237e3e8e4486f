using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation.Strokes;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>What the transforms share that hold others.</summary>
public abstract record CompositeTransform : Transform
{
    /// <summary>The transforms to choose from.</summary>
    public ImmutableArray<Transform> Transforms { get; init; } = [new Erode { P = 1 }, new Dilate { P = 1 }];

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        if (Transforms.IsDefaultOrEmpty)
        {
            throw new RefusalException($"{Name} holds no transforms; list at least one under \"transforms\".");
        }

        foreach (var transform in Transforms)
        {
            transform.Check();
            if (transform.OutputSize(new(97, 89)) != new ImageSize(97, 89))
            {
                throw new RefusalException($"{Name} holds {transform}, which changes the size; put it into the list itself, so that every image of a batch has one size.");
            }
        }
    }

    /// <summary>The same kind, probability and transforms, compared one by one: an array of its own does not make another choice.</summary>
    public virtual bool Equals(CompositeTransform? other) => base.Equals(other) && Transforms.AsSpan().SequenceEqual(other!.Transforms.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Transforms.IsDefault ? base.GetHashCode() : Transforms.Aggregate(base.GetHashCode(), HashCode.Combine);

    /// <summary>Draws the acts of those transforms that happen, in order.</summary>
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

    /// <summary>Draws the acts of one of the transforms, from a stream of its own.</summary>
    private protected void SampleMember(int index, KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var part = random.Fork((ulong)index + 1);
        Transforms[index].SampleOps(ref part, size, ops);
    }
}
