namespace SketchFlow.Learning.Models;

/// <summary>What a user may ask of an architecture beyond its name.</summary>
public sealed record ModelOptions
{
    /// <summary>Number of classes; 0 leaves the classifier out, and logits are then the pooled features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the square input in pixels; null is the architecture's own.</summary>
    public int? InputSize { get; init; }

    /// <summary>Drop path (stochastic depth) at the last block, growing linearly from 0 at the first.</summary>
    public double DropPath { get; init; }

    /// <summary>Dropout before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>Start of layer scale where the architecture has it; null is its paper's (timm's) value.</summary>
    public double? LayerScale { get; init; }
}
