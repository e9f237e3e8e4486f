namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares a normalisation followed by an activation (timm's <c>NormAct</c> layers). EvoNorm and filter response normalisation have an
    /// activation of their own, which is used if <paramref name="activation"/> is not null.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input and output channels.</param>
    /// <param name="options">Kind of normalisation.</param>
    /// <param name="activation">Activation, which may work in place; null has none.</param>
    /// <param name="gamma">Initializer of the weight; null is one.</param>
    public static Layer Norm(ParameterScope scope, long channels, NormOptions options, Layer? activation, Initializer? gamma = null) => options.Kind switch
    {
        NormKind.Batch => Sequential(BatchNorm2d(scope, channels, options.Epsilon, gamma: gamma), activation),
        NormKind.Group => Sequential(GroupNorm(scope, channels, options.Epsilon, gamma, options.Groups(channels)), activation),
        NormKind.Layer => Sequential(LayerNorm2d(scope, channels, options.Epsilon, gamma), activation),
        NormKind.EvoNorm or NormKind.EvoNormAlways => EvoNorm(scope, channels, options, activation is not null, gamma),
        _ => FilterResponseNorm(scope, channels, options.Epsilon, activation is not null, gamma),
    };
}
