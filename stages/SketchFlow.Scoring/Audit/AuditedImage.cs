namespace SketchFlow.Scoring.Audit;

/// <summary>An image as an audit sees it.</summary>
/// <param name="Row">Position of the image in the audited rows.</param>
/// <param name="Rank">Position in the order of inspection, from 1.</param>
/// <param name="Given">Number of the class that the image is labelled with.</param>
/// <param name="Suggested">Number of the most probable class.</param>
/// <param name="GivenProbability">Probability of the given class, calibrated.</param>
/// <param name="SuggestedProbability">Probability of the most probable class, calibrated.</param>
/// <param name="Quality">Agreement of the label with the prediction, from 0 to 1.</param>
/// <param name="Certainty">
/// Mean over the classes of -log p, in nats: how far the prediction is from a uniform one, whose value is log(classes). It is the energy score (Liu et al.,
/// NeurIPS 2020) of logits with mean 0.
/// </param>
/// <param name="Findings">Findings about the image.</param>
public sealed record AuditedImage(
    int Row,
    int Rank,
    int Given,
    int Suggested,
    double GivenProbability,
    double SuggestedProbability,
    double Quality,
    double Certainty,
    AuditFindings Findings)
{
    /// <summary>Whether an image has a finding.</summary>
    /// <param name="finding">The finding.</param>
    public bool Has(AuditFindings finding) => (Findings & finding) != AuditFindings.None;
}
