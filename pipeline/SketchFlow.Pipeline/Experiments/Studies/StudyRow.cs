namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Result of training one setting with one seed.</summary>
/// <param name="Setting">Name of the setting.</param>
/// <param name="Seed">Seed of the training.</param>
/// <param name="Detail">Description of the setting in addition to its name.</param>
/// <param name="State">State of the training.</param>
/// <param name="Run">Name of the run with its curves and weights.</param>
/// <param name="Recipe">Fingerprint of the recipe; see <see cref="StudySetting.Fingerprint"/>.</param>
public sealed record StudyRow(string Setting, long Seed, string Detail, StudyState State, string Run = "", string Recipe = "")
{
    /// <summary>Cross entropy at the best epoch in nats, without smoothing, regardless of the training loss; null until it is known.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Validation accuracy at the best epoch, in [0, 1]; null until it is known.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Duration of all epochs, validation included.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Number of trained epochs.</summary>
    public int Epochs { get; init; }

    /// <summary>Reason for a failure or an early end; empty otherwise.</summary>
    public string Reason { get; init; } = "";
}
