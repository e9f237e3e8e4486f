namespace SketchFlow.Pipeline.Recipes;

/// <summary>What an architecture leaves open.</summary>
public sealed record ModelRecipe
{
    /// <summary>Stochastic depth at the last block, growing from 0 at the first.</summary>
    public double DropPath { get; init; }

    /// <summary>Dropout before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>Recompute blocks in the backward pass instead of keeping their activations: memory for about a third more time.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Start of layer scale where the architecture has it; null is its paper's. Fresh small networks learn faster from larger values.</summary>
    public double? LayerScale { get; init; }
}
