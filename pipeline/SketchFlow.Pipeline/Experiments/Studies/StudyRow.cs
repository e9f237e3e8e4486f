namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>One training: a setting, a seed, and what it came to.</summary>
/// <param name="Setting">Name of the setting.</param>
/// <param name="Seed">Seed of the training.</param>
/// <param name="Says">What the name leaves open.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Run">Name of the run, for its curves and weights.</param>
/// <param name="Recipe">Fingerprint of the recipe that was trained.</param>
public sealed record StudyRow(string Setting, long Seed, string Says, StudyState State, string Run = "", string Recipe = "")
{
    /// <summary>Cross entropy without smoothing of the best epoch, whatever was trained with: nats; null until it is known.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Of the best epoch, in [0, 1]; null until it is known.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Of all epochs, validation included.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Epochs trained.</summary>
    public int Epochs { get; init; }

    /// <summary>Why it failed, or ended before its last epoch; empty otherwise.</summary>
    public string Reason { get; init; } = "";
}
