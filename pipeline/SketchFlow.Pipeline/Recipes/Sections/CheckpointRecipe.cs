namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Checkpoints of a run, in addition to its best and last weights.</summary>
public sealed record CheckpointRecipe
{
    /// <summary>Number of best epochs whose weights are kept in <c>checkpoints/</c>; 0 is none, 3 is the report's. Each has the model's size on disk.</summary>
    public int Top { get; init; }

    /// <summary>Number of steps between two resume files within an epoch; 0 uses every_minutes only.</summary>
    public int EverySteps { get; init; }

    /// <summary>Minutes between two resume files within an epoch; 0 writes them at the ends of epochs only.</summary>
    public double EveryMinutes { get; init; } = 10;

    /// <summary>
    /// Number of resume files kept; the previous one replaces a damaged latest one. Each has three to four times the model's size.
    /// </summary>
    public int Keep { get; init; } = 2;
}
