namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One model's own scores and its part in an ensemble.</summary>
/// <param name="Name">Name of the run.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Accuracy">Top-1 accuracy on validation.</param>
/// <param name="LogLoss">Mean cross-entropy on validation, uncalibrated.</param>
/// <param name="Weight">Weight in the ensemble; 0 if it is not a member.</param>
/// <param name="Temperature">Divisor of the logits.</param>
public sealed record MemberScore(string Name, string Model, double Accuracy, double LogLoss, double Weight, double Temperature);
