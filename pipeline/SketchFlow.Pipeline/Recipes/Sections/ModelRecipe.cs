namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Options of the architecture.</summary>
public sealed record ModelRecipe
{
    /// <summary>Probability of dropping the last block (stochastic depth); it grows linearly from 0 at the first block.</summary>
    public double DropPath { get; init; }

    /// <summary>Probability of dropout before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether blocks are recomputed in the backward pass instead of keeping their activations: less memory for about a third more time.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>
    /// Initial value of layer scale, for architectures with it; null is the paper's. Small networks from new weights learn faster with larger values.
    /// </summary>
    public double? LayerScale { get; init; }
}
