using System.Collections.Immutable;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>An image and its maps.</summary>
internal sealed record ExplainedImage
{
    /// <summary>The row of the data set, or the file.</summary>
    public required Sample Sample { get; init; }

    /// <summary>The image's own class; null if it is unknown.</summary>
    public required string? Given { get; init; }

    /// <summary>Probability of the image's own class; null if it is unknown.</summary>
    public required double? GivenProbability { get; init; }

    /// <summary>The predicted class.</summary>
    public required string Predicted { get; init; }

    /// <summary>Probability of the predicted class.</summary>
    public required double Probability { get; init; }

    /// <summary>Share of the image that the bounding box of the drawing takes, 0 to 1.</summary>
    public required double Box { get; init; }

    /// <summary>The image as a small picture in a data URI.</summary>
    public required string Picture { get; init; }

    /// <summary>The maps of the image.</summary>
    public required ImmutableArray<ExplainedMap> Maps { get; init; }
}
