namespace SketchFlow.Learning.Models;

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
    public Start? ReduceStart { get; init; }

    /// <summary>Weight of the second; null is PyTorch's default.</summary>
    public Start? ExpandStart { get; init; }

    /// <summary>Both biases; null is PyTorch's default.</summary>
    public Start? BiasStart { get; init; }
}

public static partial class Nn
{
    /// <summary>
    /// Channels scaled by a gate that sees the whole image (Hu et al. 2018; timm's <c>SEModule</c> and the efficientnets'
    /// <c>SqueezeExcite</c>): both matrices are stored as 1 × 1 convolutions with bias.
    /// </summary>
    public static Layer SqueezeExcite(Scope scope, long channels, SqueezeExciteOptions options)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasStart = options.BiasStart };
        var reduce = Linear(scope[options.ReduceName], channels, options.Reduced, stored with { Start = options.ReduceStart });
        var expand = Linear(scope[options.ExpandName], options.Reduced, channels, stored with { Start = options.ExpandStart });
        var gating = Sequence(GlobalAveragePool, reduce, options.Activation, expand);
        return Tidy((pass, x) => x * gating(pass, x).sigmoid().unsqueeze(-1).unsqueeze(-1));
    }
}
