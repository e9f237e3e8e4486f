using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>The shape of a morphological kernel.</summary>
public enum KernelShape
{
    /// <summary>All of the square.</summary>
    Rectangle,

    /// <summary>The ellipse within the square.</summary>
    Ellipse,

    /// <summary>The middle row and column.</summary>
    Cross,
}

/// <summary>What the four morphological transforms share.</summary>
public abstract record Morphology : Transform
{
    /// <summary>Largest side of the kernel, pixels; each image draws its own from 2 to this.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Shape of the kernel.</summary>
    public KernelShape Shape { get; init; } = KernelShape.Rectangle;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Kernel, 1, 99, nameof(Kernel));
    }

    /// <inheritdoc/>
    protected internal sealed override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (side, shape) = (chance.NextInteger(Math.Min(2, Kernel), Kernel + 1), Shape);
        acts.Add(new Act.Paint(input => Run(input, side, shape)));
    }

    /// <summary>The operation with a kernel of <paramref name="side"/> × <paramref name="side"/>.</summary>
    private protected abstract Pixels Run(Pixels input, int side, KernelShape shape);
}

/// <summary>Takes the darkest of the neighbourhood: dark lines on paper grow thicker.</summary>
public sealed record Erode : Morphology
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => Augment.Erode(input, side, side, shape);
}

/// <summary>Takes the brightest of the neighbourhood: dark lines on paper grow thinner.</summary>
public sealed record Dilate : Morphology
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => Augment.Dilate(input, side, side, shape);
}

/// <summary>Erosion, then dilation: small bright specks vanish.</summary>
public sealed record Opening : Morphology
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var eroded = Augment.Erode(input, side, side, shape);
        return Augment.Dilate(eroded, side, side, shape, mirrored: true);
    }
}

/// <summary>Dilation, then erosion: small dark specks and hair lines vanish.</summary>
public sealed record Closing : Morphology
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var dilated = Augment.Dilate(input, side, side, shape);
        return Augment.Erode(dilated, side, side, shape, mirrored: true);
    }
}

public static partial class Augment
{
    /// <summary>Minimum over a kernel; outside of the image counts as white.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="width">Columns of the kernel.</param>
    /// <param name="height">Rows of the kernel.</param>
    /// <param name="shape">Shape of the kernel.</param>
    /// <param name="mirrored">Turns the kernel about, so that an even one ends where it began after a dilation.</param>
    public static Pixels Erode(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false) =>
        shape == KernelShape.Rectangle && Math.Max(width, height) <= Neighbourhood.LargestSide ? Extreme(input, width, height, mirrored, darkest: true) : Raster.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Erode(source, target, kernel, Anchor(width, height, mirrored));
        });

    /// <summary>Maximum over a kernel; outside of the image counts as black.</summary>
    /// <inheritdoc cref="Erode" path="/param"/>
    public static Pixels Dilate(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false) =>
        shape == KernelShape.Rectangle && Math.Max(width, height) <= Neighbourhood.LargestSide ? Extreme(input, width, height, mirrored, darkest: false) : Raster.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Dilate(source, target, kernel, Anchor(width, height, mirrored));
        });

    private static Pixels Extreme(Pixels input, int width, int height, bool mirrored, bool darkest)
    {
        var anchor = Anchor(width, height, mirrored);
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        Neighbourhood.Extreme(input.Bytes, input.Width, input.Height, input.Channels, output.Bytes, new(width, height), new(anchor.X, anchor.Y), darkest);
        return output;
    }

    private static Mat Kernel(int width, int height, KernelShape shape) => Cv2.GetStructuringElement(
        shape switch { KernelShape.Ellipse => MorphShapes.Ellipse, KernelShape.Cross => MorphShapes.Cross, _ => MorphShapes.Rect },
        new Size(width, height));

    private static Point Anchor(int width, int height, bool mirrored) =>
        mirrored ? new Point((width - 1) / 2, (height - 1) / 2) : new Point(width / 2, height / 2);
}
