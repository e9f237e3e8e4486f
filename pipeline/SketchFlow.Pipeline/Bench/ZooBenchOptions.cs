namespace SketchFlow.Pipeline.Bench;

/// <summary>Options of the measurement of architectures.</summary>
public sealed record ZooBenchOptions
{
    /// <summary>Width and height of the input in pixels; null is each architecture's default.</summary>
    public int? InputSize { get; init; }

    /// <summary>Number of images per step; null is 64 on a GPU, 8 on a CPU, and 1 on a CPU above 200 million parameters.</summary>
    public int? Batch { get; init; }

    /// <summary>Lowest measuring time of each rate in seconds; at least two steps are measured.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary>Number of classes; the fixtures have 500.</summary>
    public int Classes { get; init; } = 500;

    /// <summary>Folder with fixtures of timm's logits, NAME.json; null skips the comparison.</summary>
    public string? Fixtures { get; init; }
}
