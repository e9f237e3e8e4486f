namespace SketchFlow.Imaging.Doodles;

/// <summary>Options of the built-in data set: generated line drawings, so that everything can be tried without a download.</summary>
public sealed record DoodlesOptions
{
    /// <summary>Number of classes, taken from the start of <see cref="DoodleGenerator.Classes"/>.</summary>
    public int Classes { get; init; } = 24;

    /// <summary>Labelled drawings per class: enough to train from fresh weights in minutes (the competition has about 30).</summary>
    public int TrainPerClass { get; init; } = 60;

    /// <summary>Test drawings per class, whose labels are in a separate file.</summary>
    public int TestPerClass { get; init; } = 20;

    /// <summary>Random seed; equal seeds give equal bytes.</summary>
    public long Seed { get; init; } = 20240911;

    /// <summary>Number of threads; the bytes do not depend on it. 0 uses one per core.</summary>
    public int Workers { get; init; }
}
