namespace SketchFlow.Imaging.Doodles;

/// <summary>The built-in data set: line drawings that SketchFlow makes itself, so that everything can be tried without a download.</summary>
public sealed record DoodlesOptions
{
    /// <summary>Number of classes, the first of <see cref="DoodleGenerator.Classes"/>.</summary>
    public int Classes { get; init; } = 24;

    /// <summary>Labelled drawings a class: enough to learn from fresh weights in minutes (ImageNet-Sketch has about 30).</summary>
    public int TrainPerClass { get; init; } = 60;

    /// <summary>Drawings a class whose labels are kept apart.</summary>
    public int TestPerClass { get; init; } = 20;

    /// <summary>The same seed draws the same bytes.</summary>
    public long Seed { get; init; } = 20240911;

    /// <summary>Images drawn at once; the bytes do not depend on it. 0 takes one for every core.</summary>
    public int Workers { get; init; }
}
