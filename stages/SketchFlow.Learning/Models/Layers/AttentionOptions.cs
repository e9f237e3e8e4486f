namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of self-attention.</summary>
public sealed record AttentionOptions
{
    /// <summary>Number of heads, a divisor of the width.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Whether the output projection has a bias.</summary>
    public bool ProjectionBias { get; init; } = true;

    /// <summary>Declares a normalisation before the output projection; null has none.</summary>
    public Func<ParameterScope, Layer>? InnerNorm { get; init; }

    /// <summary>Rotary position embedding of queries and keys; null has none.</summary>
    public RotaryEmbedding? RotaryEmbedding { get; init; }

    /// <summary>Declares a bias that is added to the products of queries and keys; null has none.</summary>
    public Func<ParameterScope, AttentionBias>? Bias { get; init; }

    /// <summary>Settings of both projections.</summary>
    public LinearOptions Linear { get; init; } = LinearOptions.TruncatedNormal;

    /// <summary>Initializer of the output projection; null is that of <see cref="Linear"/>.</summary>
    public Initializer? ProjectionInitializer { get; init; }
}
