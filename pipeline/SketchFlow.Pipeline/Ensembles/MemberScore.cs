namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One model's part in an ensemble.</summary>
/// <param name="Name">Run.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Accuracy">Its own top-1 on validation.</param>
/// <param name="LogLoss">Its own mean cross entropy on validation, as trained.</param>
/// <param name="Weight">Its weight in the ensemble; 0 where it was left out.</param>
/// <param name="Temperature">What its logits are divided by.</param>
public sealed record MemberScore(string Name, string Model, double Accuracy, double LogLoss, double Weight, double Temperature);
