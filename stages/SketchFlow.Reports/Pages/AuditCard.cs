namespace SketchFlow.Reports.Pages;

/// <summary>An image on the page of an audit.</summary>
public sealed record AuditCard
{
    /// <summary>Position in the order of inspection, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>Row number of the image.</summary>
    public required long Id { get; init; }

    /// <summary>Path as the data set writes it.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Name of the class that the image is labelled with.</summary>
    public required string Given { get; init; }

    /// <summary>Name of the most probable class.</summary>
    public required string Suggested { get; init; }

    /// <summary>Probability of the given class, as text.</summary>
    public required string GivenProbability { get; init; }

    /// <summary>Probability of the most probable class, as text.</summary>
    public required string SuggestedProbability { get; init; }

    /// <summary>Agreement of the label with the prediction, as text.</summary>
    public required string Quality { get; init; }

    /// <summary>Findings, as in the filter of the page.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>Path and class of a copy with another label; null for none.</summary>
    public string? Copy { get; init; }

    /// <summary>The picture as a data URI; null if it is not available.</summary>
    public string? Picture { get; init; }
}
