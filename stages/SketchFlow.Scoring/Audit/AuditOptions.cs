namespace SketchFlow.Scoring.Audit;

/// <summary>Options of <see cref="LabelAudit"/>.</summary>
public sealed record AuditOptions
{
    /// <summary>Rule that selects likely label errors.</summary>
    public PruneMethod Method { get; init; } = PruneMethod.NoiseRate;

    /// <summary>Score that ranks the images.</summary>
    public LabelQualityScore Score { get; init; } = LabelQualityScore.Margin;

    /// <summary>Largest difference between the two largest probabilities of an ambiguous image.</summary>
    public double AmbiguousMargin { get; init; } = 0.1;

    /// <summary>Least sum of the two largest probabilities of an ambiguous image; below it, more than two classes share the prediction.</summary>
    public double AmbiguousShare { get; init; } = 0.7;

    /// <summary>Number of robust standard deviations below the median certainty that makes an outlier.</summary>
    public double OutlierDeviations { get; init; } = 3;

    /// <summary>Largest probability that an outlier may have.</summary>
    public double OutlierProbability { get; init; } = 0.5;

    /// <summary>Least probability that every model gives to another class than that of an unlearnable image.</summary>
    public double UnlearnableProbability { get; init; } = 0.5;

    /// <summary>Least share of the images of each of two merging classes that belong to the other one by the confident joint.</summary>
    public double MergeShare { get; init; } = 0.1;

    /// <summary>Least number of images of each of two merging classes that belong to the other one by the confident joint.</summary>
    public int MergeImages { get; init; } = 2;
}
