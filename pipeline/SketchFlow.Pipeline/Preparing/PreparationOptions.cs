namespace SketchFlow.Pipeline.Preparing;

/// <summary>Options of the conversion of a published data set to a competition.</summary>
public sealed record PreparationOptions
{
    /// <summary>Number of classes to keep: those with the most images; of equal ones the first in ordinal order of names.</summary>
    public int Classes { get; init; } = 500;

    /// <summary>Fraction of each class that becomes the labelled training set, in (0, 1); the rest becomes the test set.</summary>
    public double Train { get; init; } = 0.6;

    /// <summary>Random seed of the split and of the order of the test set.</summary>
    public long Seed { get; init; } = 1;
}
