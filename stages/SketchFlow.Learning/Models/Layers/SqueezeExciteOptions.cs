namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of squeeze and excitation.</summary>
public sealed record SqueezeExciteOptions
{
    /// <summary>Number of channels between the two layers.</summary>
    public required long ReducedChannels { get; init; }

    /// <summary>Name of the first layer's module.</summary>
    public string ReduceName { get; init; } = "fc1";

    /// <summary>Name of the second layer's module.</summary>
    public string ExpandName { get; init; } = "fc2";

    /// <summary>Activation between the two layers.</summary>
    public Layer Activation { get; init; } = Nn.Relu;

    /// <summary>Initializer of both biases; null is PyTorch's default.</summary>
    public Initializer? BiasInitializer { get; init; }
}
