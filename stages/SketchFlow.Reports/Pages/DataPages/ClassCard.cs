namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A class on the page of a data set.</summary>
public sealed record ClassCard
{
    /// <summary>Name of the class.</summary>
    public required string Name { get; init; }

    /// <summary>Number of usable images in all splits.</summary>
    public required int Images { get; init; }

    /// <summary>Number of images of each split, as text such as <c>80 train, 20 val</c>.</summary>
    public required string Counts { get; init; }

    /// <summary>Number of images divided by that of the largest class, in percent from 0 to 100.</summary>
    public required int Share { get; init; }

    /// <summary>Median values of the images, as text.</summary>
    public required string Medians { get; init; }

    /// <summary>Samples of the class.</summary>
    public required IReadOnlyList<PagePicture> Samples { get; init; }
}
