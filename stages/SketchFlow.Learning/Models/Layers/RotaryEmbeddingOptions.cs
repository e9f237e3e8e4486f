using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>
/// Angles of a rotary position embedding over a square of patches: half of a head's channel pairs rotate with the row, half with the
/// column, and band i of n rotates by position / <see cref="Temperature"/>^(i / n).
/// </summary>
public sealed record RotaryEmbeddingOptions
{
    /// <summary>Base of the geometric sequence of frequencies: band i of n has frequency temperature^(-i / n).</summary>
    public double Temperature { get; init; } = 10000;

    /// <summary>Number of patches along a side in pre-training; other sizes span the same angles. Null uses row and column numbers unscaled.</summary>
    public int? Reference { get; init; }

    /// <summary>Value added to row and column numbers, in patches.</summary>
    public double Offset { get; init; }

    /// <summary>Whether the first half of the pairs rotates with the column and the second with the row; otherwise the reverse.</summary>
    public bool ColumnFirst { get; init; }

    /// <summary>
    /// Whether DINOv3's form is used (Siméoni et al. 2025): positions are patch centres between -1 and 1 for any size, angles are full turns
    /// of them, and a pair consists of two channels half a head apart instead of two neighbours.
    /// </summary>
    public bool Centred { get; init; }
}
