using SketchFlow.Learning.Explanation;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>A map of one image.</summary>
internal sealed record ExplainedMap
{
    /// <summary>The method.</summary>
    public required SaliencyMethod Method { get; init; }

    /// <summary>Name of the method on the command line.</summary>
    public string Name => Method.ToString().ToLowerInvariant();

    /// <summary>The explained class.</summary>
    public required string Class { get; init; }

    /// <summary>The class that it is compared with; null if there is none, or the nearest ones are.</summary>
    public required string? Against { get; init; }

    /// <summary>Faithfulness of the map.</summary>
    public required Faithfulness Faithfulness { get; init; }

    /// <summary>Score of the map by removing and filling pixels.</summary>
    public required RoadScore Road { get; init; }

    /// <summary>Share of the relevance inside the bounding box of the drawing, 0 to 1.</summary>
    public required double Inside { get; init; }

    /// <summary>The original image under its map, as a PNG.</summary>
    public required byte[] Png { get; init; }

    /// <summary>The same, as a small picture in a data URI.</summary>
    public required string Picture { get; init; }
}
