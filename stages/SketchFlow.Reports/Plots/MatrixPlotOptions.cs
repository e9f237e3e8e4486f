namespace SketchFlow.Reports.Plots;

/// <summary>Labels and colour range of a matrix plot.</summary>
/// <param name="Title">Title of the plot.</param>
/// <param name="RowNames">Name of each row.</param>
/// <param name="ColumnNames">Name of each column.</param>
public sealed record MatrixPlotOptions(string Title, IReadOnlyList<string> RowNames, IReadOnlyList<string> ColumnNames)
{
    /// <summary>Title of the horizontal axis.</summary>
    public required string ColumnLabel { get; init; }

    /// <summary>Title of the vertical axis.</summary>
    public required string RowLabel { get; init; }

    /// <summary>Title of the scale of colours, with the unit.</summary>
    public required string ValueLabel { get; init; }

    /// <summary>Format of the values that are written into the cells.</summary>
    public string Format { get; init; } = "0.00";

    /// <summary>Value of the darkest colour; null is the smallest value.</summary>
    public double? Low { get; init; }

    /// <summary>Value of the lightest colour; null is the largest value.</summary>
    public double? High { get; init; }
}
