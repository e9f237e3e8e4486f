namespace SketchFlow.Learning.Models.Layers;

/// <summary>
/// Angles of a rotary position embedding over a square of patches: half of a head's pairs of channels turn with the row, half with
/// the column; band i of n by place / <see cref="Temperature"/>^(i / n).
/// </summary>
public sealed record RotaryEmbeddingOptions
{
    /// <summary>The ratio of the quickest band's speed to that of the band behind the slowest.</summary>
    public double Temperature { get; init; } = 10000;

    /// <summary>Patches along a side in pre-training: another side spans the same angles. Null takes rows and columns as they are.</summary>
    public int? Reference { get; init; }

    /// <summary>Added to rows and columns, in patches.</summary>
    public double Offset { get; init; }

    /// <summary>The first half of the pairs turns with the column, the second with the row; otherwise the other way round.</summary>
    public bool ColumnFirst { get; init; }

    /// <summary>
    /// DINOv3's form (Siméoni et al. 2025): places are the patches' middles between -1 and 1 whatever the side, angles whole turns of
    /// them, and a pair is a channel and the one half a head further, not its neighbour.
    /// </summary>
    public bool Centred { get; init; }
}
