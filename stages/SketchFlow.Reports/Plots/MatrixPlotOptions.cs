namespace SketchFlow.Reports.Plots;

/// <summary>Labels and colour range of a matrix plot.</summary>
/// <param name="Title">Title of the plot.</param>
public sealed record MatrixPlotOptions(string Title)
{
    /// <summary>Label of the horizontal axis.</summary>
    public string ColumnLabel { get; init; } = "";

    /// <summary>Label of the vertical axis.</summary>
    public string RowLabel { get; init; } = "";

    /// <summary>Name of each column; null shows numbers.</summary>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>Name of each row; null shows numbers.</summary>
    public IReadOnlyList<string>? RowNames { get; init; }

    /// <summary>Value of the darkest colour; null is the smallest value.</summary>
    public double? Low { get; init; }

    /// <summary>Value of the lightest colour; null is the largest value.</summary>
    public double? High { get; init; }
}
