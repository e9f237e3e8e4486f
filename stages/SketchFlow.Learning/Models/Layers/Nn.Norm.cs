namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// The normalisation of <paramref name="options"/> and the activation behind it (timm's <c>NormAct</c> layers). EvoNorm and filter
    /// response normalisation bring their own and only ask whether there is one.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="options">Which normalisation.</param>
    /// <param name="activation">The last step; it may work in place. Null goes without.</param>
    /// <param name="gamma">Start of the weight; null is one.</param>
    public static Layer Norm(ParameterScope scope, long channels, NormOptions options, Layer? activation, Initializer? gamma = null) => options.Kind switch
    {
        NormKind.Batch => Sequence(BatchNorm2d(scope, channels, options.Epsilon, gamma: gamma), activation),
        NormKind.Group => Sequence(GroupNorm(scope, channels, options.Epsilon, gamma, options.Groups(channels)), activation),
        NormKind.Layer => Sequence(LayerNorm2d(scope, channels, options.Epsilon, gamma), activation),
        NormKind.EvoNorm or NormKind.EvoNormAlways => EvoNorm(
            scope, channels, options.Groups(channels), options.Epsilon, activation is not null, activation is not null || options.Kind == NormKind.EvoNormAlways, gamma),
        _ => FilterResponseNorm(scope, channels, options.Epsilon, activation is not null, gamma),
    };
}
