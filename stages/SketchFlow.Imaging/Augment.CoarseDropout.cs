using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Covers a few boxes with paper (DeVries and Taylor 2017): the model learns not to lean on watermarks.</summary>
public sealed record CoarseDropout : Transform
{
    /// <summary>Most boxes; each image draws from 1 to this.</summary>
    public int Boxes { get; init; } = 6;

    /// <summary>Smallest side of a box, as a share of the image's.</summary>
    public double MinSide { get; init; } = 0.05;

    /// <summary>Largest side of a box, as a share of the image's.</summary>
    public double MaxSide { get; init; } = 0.15;

    /// <summary>Level of the boxes.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Boxes, 1, 1000, nameof(Boxes));
        Within(MaxSide, 0, 1, nameof(MaxSide));
        Within(MinSide, 0, MaxSide, nameof(MinSide));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (boxes, fill) = (new Box[chance.NextInteger(1, Boxes + 1)], Fill);
        for (var i = 0; i < boxes.Length; i++)
        {
            boxes[i] = Box.Draw(ref chance, size, chance.NextUniform(MinSide, MaxSide), chance.NextUniform(MinSide, MaxSide));
        }

        acts.Add(new Act.Paint(input => Augment.Cover(input, boxes, fill)));
    }
}

/// <summary>A rectangle of whole pixels.</summary>
public readonly record struct Box(int X, int Y, int Width, int Height)
{
    /// <summary>A box of those shares of the image's sides, anywhere within it.</summary>
    internal static Box Draw(ref Chance chance, Extent size, double width, double height)
    {
        var (w, h) = ((int)Math.Round(size.Width * width), (int)Math.Round(size.Height * height));
        return new(chance.NextInteger(0, size.Width - w + 1), chance.NextInteger(0, size.Height - h + 1), w, h);
    }
}

public static partial class Augment
{
    /// <summary>Fills boxes with one level.</summary>
    public static Pixels Cover(Pixels input, IReadOnlyList<Box> boxes, byte fill)
    {
        var output = input.Clone();
        foreach (var box in boxes)
        {
            for (var y = box.Y; y < box.Y + box.Height; y++)
            {
                output.Bytes.Slice(((y * input.Width) + box.X) * input.Channels, box.Width * input.Channels).Fill(fill);
            }
        }

        return output;
    }
}
