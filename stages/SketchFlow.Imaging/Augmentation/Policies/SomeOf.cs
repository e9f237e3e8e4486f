using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies a fixed number of its transforms, drawn without repetition and applied in order, each with its own probability.</summary>
public sealed record SomeOf : CompositeTransform
{
    /// <summary>Number of transforms drawn; all of them if the list is shorter.</summary>
    public int Count { get; init; } = 1;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Count, 1, 100, nameof(Count));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var order = Enumerable.Range(0, Transforms.Length).ToArray();
        random.Shuffle(order.AsSpan());
        foreach (var i in order.Take(Count).Order())
        {
            if (random.Happens(Transforms[i].P))
            {
                SampleMember(i, random, size, ops);
            }
        }
    }
}
