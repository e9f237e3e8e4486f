namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of squeeze and excitation.</summary>
public sealed record SqueezeExciteOptions
{
    /// <summary>Channels between.</summary>
    public required long Reduced { get; init; }

    /// <summary>Name of the first matrix.</summary>
    public string ReduceName { get; init; } = "fc1";

    /// <summary>Name of the second matrix.</summary>
    public string ExpandName { get; init; } = "fc2";

    /// <summary>Between the two.</summary>
    public Layer Activation { get; init; } = Nn.Relu;

    /// <summary>Weight of the first; null is PyTorch's default.</summary>
    public Initializer? ReduceStart { get; init; }

    /// <summary>Weight of the second; null is PyTorch's default.</summary>
    public Initializer? ExpandStart { get; init; }

    /// <summary>Both biases; null is PyTorch's default.</summary>
    public Initializer? BiasStart { get; init; }
}
