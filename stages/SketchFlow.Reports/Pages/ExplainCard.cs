namespace SketchFlow.Reports.Pages;

/// <summary>An image on the page of explanations.</summary>
public sealed record ExplainCard
{
    /// <summary>Path as the data set writes it.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The image's own class; null if it is unknown.</summary>
    public required string? Given { get; init; }

    /// <summary>The predicted class.</summary>
    public required string Predicted { get; init; }

    /// <summary>Probability of the predicted class, as text.</summary>
    public required string Probability { get; init; }

    /// <summary>Probability of the image's own class, as text; null if it is unknown.</summary>
    public required string? GivenProbability { get; init; }

    /// <summary>The image as a data URI.</summary>
    public required string Picture { get; init; }

    /// <summary>The maps of the image.</summary>
    public required IReadOnlyList<ExplainPicture> Maps { get; init; }

    /// <summary>Whether the prediction is known to be wrong.</summary>
    public bool IsWrong => Given is not null && Given != Predicted;
}
