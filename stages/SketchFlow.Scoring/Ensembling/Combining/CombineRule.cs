namespace SketchFlow.Scoring.Ensembling.Combining;

/// <summary>Rule that combines the members' logits into one prediction.</summary>
public enum CombineRule
{
    /// <summary>Weighted mean of the probabilities.</summary>
    Soft,

    /// <summary>Weighted mean of the logits, which is the geometric mean of the probabilities.</summary>
    Logits,

    /// <summary>Weighted mean of the ranks.</summary>
    Rank,

    /// <summary>Weighted count of the predicted classes.</summary>
    Hard,

    /// <summary>Mean of the probabilities with one weight per member and class.</summary>
    PerClass,

    /// <summary>Multinomial logistic regression on the logits.</summary>
    Stacked,
}
