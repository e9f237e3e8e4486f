namespace SketchFlow.Scoring.Ensembling.Combining;

/// <summary>How members' logits become one vote.</summary>
public enum CombineRule
{
    /// <summary>Weighted mean of the probabilities.</summary>
    Soft,

    /// <summary>Weighted mean of the logits, which is the geometric mean of the probabilities.</summary>
    Logits,

    /// <summary>Weighted mean of the ranks.</summary>
    Rank,

    /// <summary>Weighted count of the first classes.</summary>
    Hard,

    /// <summary>Mean of the probabilities with a weight for each member and class.</summary>
    PerClass,

    /// <summary>Multinomial logistic regression on the logits.</summary>
    Stacked,
}
