namespace SketchFlow.Pipeline.Export.Models;

/// <summary>Settings of an export in 8 bits.</summary>
public sealed record QuantizationOptions
{
    /// <summary>Largest loss of accuracy that is accepted, in [0, 1].</summary>
    public const double LargestLoss = 0.003;

    /// <summary>Folder of a data set whose images give the ranges; null takes the training images of the run.</summary>
    public string? Data { get; init; }

    /// <summary>Number of images that give the ranges.</summary>
    public int Images { get; init; } = 256;

    /// <summary>Whether the model is written although its loss of accuracy is above <see cref="LargestLoss"/>.</summary>
    public bool Force { get; init; }
}
