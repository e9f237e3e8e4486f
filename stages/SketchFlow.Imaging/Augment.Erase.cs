using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Covers one rectangle of random area and aspect (Zhong et al. 2020).</summary>
public sealed record RandomErasing : Transform
{
    /// <summary>Smallest share of the area.</summary>
    public double MinArea { get; init; } = 0.02;

    /// <summary>Largest share of the area.</summary>
    public double MaxArea { get; init; } = 0.2;

    /// <summary>Widest aspect and, inverted, the tallest.</summary>
    public double Ratio { get; init; } = 3.3;

    /// <summary>Level of the rectangle.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(MaxArea, 0, 1, nameof(MaxArea));
        Within(MinArea, 0, MaxArea, nameof(MinArea));
        Within(Ratio, 1, 20, nameof(Ratio));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var area = chance.NextUniform(MinArea, MaxArea);
        var ratio = Math.Exp(chance.NextUniform(-Math.Log(Ratio), Math.Log(Ratio)));
        var box = Box.Draw(ref chance, size, Math.Min(1, Math.Sqrt(area * ratio)), Math.Min(1, Math.Sqrt(area / ratio)));
        var fill = Fill;
        acts.Add(new Act.Paint(input => Augment.Cover(input, [box], fill)));
    }
}

/// <summary>Covers a regular grid of squares (Chen et al. 2020).</summary>
public sealed record GridDropout : Transform
{
    /// <summary>Squares along the shorter side.</summary>
    public int Squares { get; init; } = 7;

    /// <summary>Side of a square as a share of the grid's step.</summary>
    public double Share { get; init; } = 0.4;

    /// <summary>Level of the squares.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Squares, 1, 100, nameof(Squares));
        Within(Share, 0, 1, nameof(Share));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var step = Math.Max(1, Math.Min(size.Width, size.Height) / Squares);
        var side = (int)Math.Round(step * Share);
        var (left, top) = (chance.NextInteger(0, step), chance.NextInteger(0, step));
        var boxes = new List<Box>();
        for (var y = top - step; y < size.Height; y += step)
        {
            for (var x = left - step; x < size.Width; x += step)
            {
                var (x0, y0) = (Math.Max(x, 0), Math.Max(y, 0));
                var (x1, y1) = (Math.Min(x + side, size.Width), Math.Min(y + side, size.Height));
                if (x1 > x0 && y1 > y0)
                {
                    boxes.Add(new(x0, y0, x1 - x0, y1 - y0));
                }
            }
        }

        var fill = Fill;
        acts.Add(new Act.Paint(input => Augment.Cover(input, boxes, fill)));
    }
}
