namespace SketchFlow.Pipeline.Recipes;

/// <summary>What is kept of a run beside its best and last weights, and how much a kill may cost.</summary>
public sealed record CheckpointRecipe
{
    /// <summary>Weights of the best so many epochs, in <c>checkpoints/</c>; 0 keeps none. 3 is the report's. Each costs the model's size on the disk.</summary>
    public int Top { get; init; }

    /// <summary>Steps between two resume files within an epoch; 0 leaves it to <see cref="EveryMinutes"/>.</summary>
    public int EverySteps { get; init; }

    /// <summary>Minutes between two resume files within an epoch; 0 writes them at the ends of epochs only.</summary>
    public double EveryMinutes { get; init; } = 10;

    /// <summary>Resume files kept; the one before the newest is what a damaged newest falls back to. Each costs three to four times the model's size.</summary>
    public int Keep { get; init; } = 2;
}
