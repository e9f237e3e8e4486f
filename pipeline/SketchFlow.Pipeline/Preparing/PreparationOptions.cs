namespace SketchFlow.Pipeline.Preparing;

/// <summary>How a data set as published becomes a competition.</summary>
public sealed record PreparationOptions
{
    /// <summary>Classes kept: those with most images; ties go to the name that sorts first.</summary>
    public int Classes { get; init; } = 500;

    /// <summary>Share of each class's images that is given with its label, (0, 1); the rest is the test set.</summary>
    public double Train { get; init; } = 0.6;

    /// <summary>Seed of the split and of the test set's order.</summary>
    public long Seed { get; init; } = 1;
}
