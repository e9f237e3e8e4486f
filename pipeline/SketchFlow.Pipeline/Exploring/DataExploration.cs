using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>The findings in the images of a data set.</summary>
internal sealed record DataExploration
{
    /// <summary>The data set.</summary>
    public required DataSet Data { get; init; }

    /// <summary>Images that could be used, in the order train, val, test.</summary>
    public required ImmutableArray<ExploredImage> Images { get; init; }

    /// <summary>Images that could not be used.</summary>
    public required ImmutableArray<SplitRejection> Rejected { get; init; }

    /// <summary>Pairs of images that show the same picture, those across splits or classes first.</summary>
    public required ImmutableArray<ImageTwin> Twins { get; init; }

    /// <summary>Whether the search for copies stopped at its largest number of pairs.</summary>
    public required bool IsTwinsCut { get; init; }

    /// <summary>Unusual values of each image, in the order of <see cref="Images"/>.</summary>
    public required ImmutableArray<ImmutableArray<ImageOutlier>> Outliers { get; init; }

    /// <summary>Pairs of classes whose drawings resemble each other, the most similar first.</summary>
    public required ImmutableArray<SimilarPair> SimilarClasses { get; init; }

    /// <summary>The images as points of a plane.</summary>
    public required ImageMap Map { get; init; }

    /// <summary>Number of images with an unusual value.</summary>
    public int Unusual => Outliers.Count(o => o.Length > 0);

    /// <summary>Counts the pairs of a kind.</summary>
    public int Count(TwinKind kind) => Twins.Count(t => t.Kind == kind);

    /// <summary>Returns the class name of an image; empty for an unknown label.</summary>
    public string ClassName(ExploredImage image) => image.Sample.Target is { } target ? Data.Classes[target] : "";
}
