namespace SketchFlow.Learning.Models.Profiling;

/// <summary>What a layer computes with weights or between tokens.</summary>
public enum LayerKind
{
    /// <summary>A convolution.</summary>
    Convolution,

    /// <summary>A matrix product with a weight.</summary>
    Linear,

    /// <summary>The two products of attention, queries with keys and the weights with values: no weights of their own.</summary>
    Attention,

    /// <summary>A normalisation; its few operations an element are not counted.</summary>
    Normalization,
}
