namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of EVA's self-attention.</summary>
public sealed record EvaAttentionOptions
{
    /// <summary>Number of heads; divides the width.</summary>
    public required int Heads { get; init; }

    /// <summary>Queries, keys and values from one matrix with two biases beside it, or from one matrix each.</summary>
    public bool Fused { get; init; } = true;

    /// <summary>Whether queries and values have a bias; keys have none. A matrix each has them always.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Normalisation before the last matrix.</summary>
    public bool InnerNorm { get; init; }

    /// <summary>Turns queries and keys by the place of their token; null goes without.</summary>
    public RotaryEmbedding? Rotation { get; init; }

    /// <summary>
    /// Biases for relative places and for the class token before them (BEiT, Bao et al. 2022): patches along a side, and what brings
    /// the table to pairs of tokens, <see cref="Nn.SpreadBias"/>, which many layers share. Null goes without; one matrix alone has them.
    /// </summary>
    public (int Side, Layer Spread)? Places { get; init; }

    /// <summary>Epsilon of the normalisation.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Start of the last matrix.</summary>
    public Initializer ProjectionStart { get; init; } = new Initializer.TruncatedNormal(0.02);
}
