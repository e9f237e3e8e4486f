using System.Collections.Immutable;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>
/// Places of an attention's keys in the image: tokens without a place, followed by a grid of cells row by row. With a partition, each group of tokens
/// attends to itself, and the groups of an image follow each other in the batch.
/// </summary>
/// <param name="Prefix">Number of tokens before the grid: class, distillation and register tokens, or the mean of the image.</param>
/// <param name="Height">Number of rows of cells.</param>
/// <param name="Width">Number of columns of cells.</param>
public sealed record TokenLayout(int Prefix, int Height, int Width)
{
    /// <summary>Partition of the grid into groups; null if all cells are one group.</summary>
    public TokenPartition? Partition { get; init; }

    /// <summary>Number of groups per image.</summary>
    public int Groups => GroupsDown * GroupsAcross;

    /// <summary>Number of tokens per group.</summary>
    public int Count => Prefix + (Partition is { Side: var side } ? side * side : Height * Width);

    private int GroupsDown => Partition is { Side: var side } ? (Height + side - 1) / side : 1;

    private int GroupsAcross => Partition is { Side: var side } ? (Width + side - 1) / side : 1;

    /// <summary>Returns the cell of each token, group by group: row × <see cref="Width"/> + column, or -1 for a token without a place in the image.</summary>
    public ImmutableArray<int> Cells() =>
        [.. Enumerable.Range(0, Groups).SelectMany(group => Enumerable.Range(0, Count).Select(token => token < Prefix ? -1 : CellOf(group, token - Prefix)))];

    private int CellOf(int group, int token)
    {
        if (Partition is not { } partition)
        {
            return token;
        }

        var (down, across) = (group / GroupsAcross, group % GroupsAcross);
        var (y, x) = (token / partition.Side, token % partition.Side);
        var (row, column) = partition.IsSpread
            ? ((y * GroupsDown) + down, (x * GroupsAcross) + across)
            : ((down * partition.Side) + y, (across * partition.Side) + x);

        // The image was rolled before it was padded at the bottom and at the right.
        return row < Height && column < Width
            ? ((row + partition.Shift) % Height * Width) + ((column + partition.Shift) % Width)
            : -1;
    }
}
