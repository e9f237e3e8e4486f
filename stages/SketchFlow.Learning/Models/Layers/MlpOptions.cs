namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a multilayer perceptron with one hidden layer.</summary>
public sealed record MlpOptions
{
    /// <summary>Activation of the hidden layer.</summary>
    public Layer Activation { get; init; } = Nn.Gelu;

    /// <summary>Settings of both fully connected layers.</summary>
    public LinearOptions Linear { get; init; } = LinearOptions.TruncatedNormal;

    /// <summary>Initializer of the second weight; null is that of <see cref="Linear"/>.</summary>
    public Initializer? OutputInitializer { get; init; }

    /// <summary>Declares a layer between the activation and <c>fc2</c>, such as ConvNeXt V2's response normalisation; null has none.</summary>
    public Func<ParameterScope, Layer>? Middle { get; init; }
}
