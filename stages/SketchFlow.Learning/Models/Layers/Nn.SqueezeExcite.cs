namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares squeeze and excitation, a gate for each channel from the means of all channels (Hu et al. 2018; timm's <c>SEModule</c>, and
    /// <c>SqueezeExcite</c> of the efficientnets). Both layers are stored as 1 × 1 convolutions with bias.
    /// </summary>
    public static Layer SqueezeExcite(ParameterScope scope, long channels, SqueezeExciteOptions options)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasInitializer = options.BiasInitializer };
        var reduce = Linear(
            scope[options.ReduceName], channels, options.ReducedChannels, stored with { WeightInitializer = Initializer.HeFanOut(options.ReducedChannels, 1) });
        var expand = Linear(
            scope[options.ExpandName], options.ReducedChannels, channels, stored with { WeightInitializer = Initializer.HeFanOut(channels, 1) });
        var gating = Sequential(GlobalAveragePool, reduce, options.Activation, expand);
        return Tidy((pass, x) => x * gating(pass, x).Sigmoid().Unsqueeze(-1).Unsqueeze(-1));
    }
}
