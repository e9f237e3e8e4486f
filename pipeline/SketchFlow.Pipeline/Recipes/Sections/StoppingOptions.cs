namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Early stopping and the choice of the best epoch.</summary>
public sealed record StoppingOptions
{
    /// <summary>Number of epochs without improvement before the run stops; 0 never stops.</summary>
    public int Patience { get; init; }

    /// <summary>Metric that decides which epoch is best; of equal epochs the one with the lower loss is best.</summary>
    public ValidationMetric Metric { get; init; } = ValidationMetric.Accuracy;

    /// <summary>Smallest change that counts as an improvement for patience.</summary>
    public double Delta { get; init; }

    /// <summary>Validation accuracy in [0, 1] that a run must reach within floor_epochs epochs, or it stops; 0 is none.</summary>
    public double Floor { get; init; }

    /// <summary>Number of epochs after which the run ends, although the schedule is that of all epochs; 0 ends after the last one.</summary>
    public int LastEpoch { get; init; }

    /// <summary>Number of epochs within which a run must reach the floor.</summary>
    public int FloorEpochs { get; init; } = 1;
}
