namespace SketchFlow.Pipeline.Recipes;

/// <summary>When to stop before the last epoch.</summary>
public sealed record StoppingOptions
{
    /// <summary>Epochs without improvement before the run stops; 0 never stops.</summary>
    public int Patience { get; init; }

    /// <summary>What <c>best.safetensors</c> is best by; ties go to the lower loss.</summary>
    public ValidationMetric Metric { get; init; } = ValidationMetric.Accuracy;

    /// <summary>Smallest change that counts as an improvement for <see cref="Patience"/>.</summary>
    public double Delta { get; init; }

    /// <summary>Validation accuracy in [0, 1] that a run must have reached after <see cref="FloorEpochs"/> epochs, or it is given up; 0 asks for none.</summary>
    public double Floor { get; init; }

    /// <summary>Epochs that a run has for reaching the floor.</summary>
    public int FloorEpochs { get; init; } = 1;
}
