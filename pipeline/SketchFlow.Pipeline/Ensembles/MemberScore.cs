namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One model's own scores and its part in an ensemble.</summary>
/// <param name="Name">Name of the run.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Accuracy">Top-1 accuracy on validation.</param>
/// <param name="LogLoss">Mean cross-entropy on validation, uncalibrated.</param>
/// <param name="Weight">Weight in the ensemble; 0 if it is not a member.</param>
/// <param name="Temperature">Divisor of the logits.</param>
public sealed record MemberScore(string Name, string Model, double Accuracy, double LogLoss, double Weight, double Temperature)
{
    /// <summary>Mean cross-entropy on validation after calibration, as for the ensemble.</summary>
    public double CalibratedLogLoss { get; init; }

    /// <summary>Name of the run whose validation figures these are, if the member is a refit, which has none of its own; else null.</summary>
    public string? EstimatedBy { get; init; }

    /// <summary>Name for tables: that of the run and, for a refit, of the run that estimates it.</summary>
    public string Title => EstimatedBy is { } run ? $"{Name} (estimated by {run})" : Name;
}
