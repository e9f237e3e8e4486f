namespace SketchFlow.Learning.Models.Graphs;

/// <summary>Partition of a grid of tokens into square groups, row by row.</summary>
/// <param name="Side">Number of rows and of columns of a group. A grid that is no multiple of it is padded at the bottom and at the right.</param>
public sealed record TokenPartition(int Side)
{
    /// <summary>Number of cells by which the grid is rolled up and to the left before it is partitioned.</summary>
    public int Shift { get; init; }

    /// <summary>Whether the tokens of a group are spread evenly over the grid (MaxViT's grid attention); otherwise they are neighbours.</summary>
    public bool IsSpread { get; init; }
}
