using System.Collections.Immutable;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>What the transforms share that hold others.</summary>
public abstract record Choice : Transform
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
            if (transform.SizeFor(new(97, 89)) != new Extent(97, 89))
            {
                throw new RefusalException($"{Name} holds {transform}, which changes the size; put it into the list itself, so that every image of a batch has one size.");
            }
        }
    }

    /// <summary>The same kind, probability and transforms, compared one by one: an array of its own does not make another choice.</summary>
    public virtual bool Equals(Choice? other) => base.Equals(other) && Transforms.AsSpan().SequenceEqual(other!.Transforms.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Transforms.IsDefault ? base.GetHashCode() : Transforms.Aggregate(base.GetHashCode(), HashCode.Combine);

    /// <summary>Draws the acts of those transforms that happen, in order.</summary>
    private protected void DrawAll(ref Chance chance, Extent size, List<Act> acts)
    {
        for (var i = 0; i < Transforms.Length; i++)
        {
            if (chance.Happens(Transforms[i].P))
            {
                DrawPart(i, chance, size, acts);
            }
        }
    }

    /// <summary>Draws the acts of one of the transforms, from a stream of its own.</summary>
    private protected void DrawPart(int index, Chance chance, Extent size, List<Act> acts)
    {
        var part = chance.Fork((ulong)index + 1);
        Transforms[index].Draw(ref part, size, acts);
    }
}

/// <summary>Applies one of its transforms, chosen in proportion to their probabilities.</summary>
public sealed record OneOf : Choice
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
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

/// <summary>Applies a fixed number of its transforms, drawn without repetition and kept in order, each with its own probability.</summary>
public sealed record SomeOf : Choice
{
    /// <summary>How many are drawn; more than there are takes all.</summary>
    public int Count { get; init; } = 1;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Count, 1, 100, nameof(Count));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var order = Enumerable.Range(0, Transforms.Length).ToArray();
        chance.Shuffle(order.AsSpan());
        foreach (var i in order.Take(Count).Order())
        {
            if (chance.Happens(Transforms[i].P))
            {
                DrawPart(i, chance, size, acts);
            }
        }
    }
}

/// <summary>Applies all of its transforms in order, or none; each with its own probability.</summary>
public sealed record Sometimes : Choice
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => DrawAll(ref chance, size, acts);
}

/// <summary>Applies all of its transforms in order, each with its own probability: a list that stands as one, within a choice too.</summary>
public sealed record Sequence : Choice
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public Sequence() => P = 1;

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => DrawAll(ref chance, size, acts);
}
