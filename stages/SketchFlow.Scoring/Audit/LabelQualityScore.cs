namespace SketchFlow.Scoring.Audit;

/// <summary>Score of how well a given label agrees with the predicted probabilities, from 0 (a likely error) to 1.</summary>
/// <remarks>Kuan and Mueller, "Model-agnostic label quality scoring", 2022; cleanlab's names of the scores are in brackets.</remarks>
public enum LabelQualityScore
{
    /// <summary>Probability of the given class (self_confidence).</summary>
    Confidence,

    /// <summary>Probability of the given class less the largest one of another class, brought to 0 to 1 (normalized_margin).</summary>
    Margin,

    /// <summary>Entropy of the prediction over the probability of the given class, brought to 0 to 1 (confidence_weighted_entropy).</summary>
    Entropy,
}
