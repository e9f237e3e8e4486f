namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of EVA's self-attention.</summary>
public sealed record EvaAttentionOptions
{
    /// <summary>Number of heads, a divisor of the width.</summary>
    public required int Heads { get; init; }

    /// <summary>Whether queries, keys and values come from one matrix with two separate biases; otherwise from three matrices.</summary>
    public bool Fused { get; init; } = true;

    /// <summary>Whether queries and values of the fused form have a bias; keys have none. The form with three matrices always has both.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether there is a normalisation before the output projection.</summary>
    public bool InnerNorm { get; init; }

    /// <summary>Rotary position embedding of queries and keys; null has none.</summary>
    public RotaryEmbedding? RotaryEmbedding { get; init; }

    /// <summary>
    /// Biases for relative positions with a class token (BEiT, Bao et al. 2022): the number of patches along a side, and the layer that
    /// gathers the table for pairs of tokens, <see cref="Nn.GatherRelativeBias"/>, which many layers share. Null has none; only the fused form
    /// supports them.
    /// </summary>
    public (int Side, Layer Gather)? RelativeBias { get; init; }

    /// <summary>Epsilon of the normalisation.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Initializer of the output projection.</summary>
    public Initializer ProjectionInitializer { get; init; } = new Initializer.TruncatedNormal(0.02);
}
