namespace SketchFlow.Learning.Models.Graphs;

/// <summary>Kind of a counted layer.</summary>
public enum LayerKind
{
    /// <summary>A convolution.</summary>
    Convolution,

    /// <summary>A fully connected layer.</summary>
    Linear,

    /// <summary>The two matrix products of attention, which have no weights: queries with keys, and attention weights with values.</summary>
    Attention,

    /// <summary>A normalisation; its few operations per element are not counted.</summary>
    Normalization,

    /// <summary>A block of several layers, such as a residual block.</summary>
    Block,
}
