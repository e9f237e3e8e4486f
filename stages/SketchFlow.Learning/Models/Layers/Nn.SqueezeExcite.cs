namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Channels scaled by a gate that sees the whole image (Hu et al. 2018; timm's <c>SEModule</c> and the efficientnets'
    /// <c>SqueezeExcite</c>): both matrices are stored as 1 × 1 convolutions with bias.
    /// </summary>
    public static Layer SqueezeExcite(ParameterScope scope, long channels, SqueezeExciteOptions options)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasStart = options.BiasStart };
        var reduce = Linear(scope[options.ReduceName], channels, options.Reduced, stored with { Start = options.ReduceStart });
        var expand = Linear(scope[options.ExpandName], options.Reduced, channels, stored with { Start = options.ExpandStart });
        var gating = Sequence(GlobalAveragePool, reduce, options.Activation, expand);
        return Tidy((pass, x) => x * gating(pass, x).sigmoid().unsqueeze(-1).unsqueeze(-1));
    }
}
