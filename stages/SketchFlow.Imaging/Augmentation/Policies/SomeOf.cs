using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

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
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
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
