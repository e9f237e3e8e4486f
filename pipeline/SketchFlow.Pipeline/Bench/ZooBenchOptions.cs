namespace SketchFlow.Pipeline.Bench;

/// <summary>What the architectures are measured with.</summary>
public sealed record ZooBenchOptions
{
    /// <summary>Side of the input in pixels; null is each architecture's own.</summary>
    public int? InputSize { get; init; }

    /// <summary>Images a step; null is 8 on a processor, 1 there for more than 200 million parameters, and 64 on a card.</summary>
    public int? Batch { get; init; }

    /// <summary>Seconds at least that each rate is measured for, and two steps at least.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary>Number of classes; 500 are those of the fixtures.</summary>
    public int Classes { get; init; } = 500;

    /// <summary>Folder with fixtures of timm's logits, NAME.json; null leaves the comparison out.</summary>
    public string? Fixtures { get; init; }
}
