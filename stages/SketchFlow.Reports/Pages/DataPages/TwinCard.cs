namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>Two images that show the same picture, on the page of a data set.</summary>
public sealed record TwinCard
{
    /// <summary>The first image.</summary>
    public required PagePicture First { get; init; }

    /// <summary>The second image.</summary>
    public required PagePicture Second { get; init; }

    /// <summary>Kind of copy, such as <c>mirrored</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Relation of the two, such as <c>train and test</c> or <c>other class</c>.</summary>
    public required IReadOnlyList<string> Relations { get; init; }

    /// <summary>Correlation of the two, as text.</summary>
    public required string Correlation { get; init; }
}
