namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of self-attention.</summary>
public sealed record AttentionOptions
{
    /// <summary>Number of heads; divides the width.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Whether the last matrix has a bias.</summary>
    public bool ProjectionBias { get; init; } = true;

    /// <summary>Declares a normalisation before the last matrix; null goes without.</summary>
    public Func<ParameterScope, Layer>? InnerNorm { get; init; }

    /// <summary>Turns queries and keys by the place of their token; null goes without.</summary>
    public RotaryEmbedding? Rotation { get; init; }

    /// <summary>Declares what is added to the products of queries and keys; null adds nothing.</summary>
    public Func<ParameterScope, AttentionBias>? Bias { get; init; }

    /// <summary>How both matrices start.</summary>
    public LinearOptions Matrices { get; init; } = LinearOptions.Small;

    /// <summary>Start of the last matrix where it is another.</summary>
    public Initializer? ProjectionStart { get; init; }
}
