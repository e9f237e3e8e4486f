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

    /// <summary>Encoding of the names in a zip file that are not marked as UTF-8, such as <c>cp949</c>; null accepts UTF-8 only.</summary>
    public string? Encoding { get; init; }

    /// <summary>Number of gigabytes that an archive may unpack to; ImageNet-Sketch has 7.</summary>
    public double MaxGigabytes { get; init; } = 100;

    /// <summary>Number of members that an archive may have; ImageNet-Sketch has 50,889 images.</summary>
    public int MaxFiles { get; init; } = 2_000_000;
}
