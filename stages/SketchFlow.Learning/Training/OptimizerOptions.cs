using System.Text.Json.Serialization;
using SketchFlow.Learning.Models;

namespace SketchFlow.Learning.Training;

/// <summary>Which rule moves the parameters.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>Adam (Kingma and Ba, ICLR 2015); weight decay, if any, is L2, added to the gradient.</summary>
    Adam,

    /// <summary>Gradient descent with momentum, Nesterov's by default, as PyTorch and timm have it.</summary>
    Sgd,

    /// <summary>Adam with Nesterov's momentum (Dozat, 2016), as PyTorch.</summary>
    [JsonStringEnumMemberName("nadam")]
    NAdam,

    /// <summary>Adam whose rate is rectified while its variance is unknown (Liu et al., ICLR 2020), as PyTorch.</summary>
    [JsonStringEnumMemberName("radam")]
    RAdam,

    /// <summary>The sign of a mean (Chen et al., NeurIPS 2023): half of Adam's memory; wants a 3 to 10 times lower rate and as much more decay.</summary>
    Lion,

    /// <summary>Adam whose step is as long, tensor by tensor, as the weights (You et al., ICLR 2020): for very large batches.</summary>
    Lamb,

    /// <summary>Nesterov's momentum from differences of gradients (Xie et al., TPAMI 2024): twice Adam's memory.</summary>
    Adan,
}

/// <summary>What keeps a gradient from being too large.</summary>
public enum ClipMode
{
    /// <summary>The 2-norm of the whole gradient is at most <see cref="OptimizerOptions.ClipNorm"/>, as <c>clip_grad_norm_</c>.</summary>
    Norm,

    /// <summary>No element is beyond ± <see cref="OptimizerOptions.ClipValue"/>, as <c>clip_grad_value_</c>.</summary>
    Value,

    /// <summary>Each unit's gradient is at most <see cref="OptimizerOptions.AgcFactor"/> of its weights' norm, but for the classifier (Brock et al., ICML 2021, as timm).</summary>
    Agc,

    /// <summary>Nothing.</summary>
    Off,
}

/// <summary>How parameters move; the defaults are PyTorch's for AdamW but for the weight decay, which is timm's.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.AdamW;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of weights of two or more dimensions; norms, biases and embeddings are spared.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Whether decay shrinks the weights (true) or is added to their gradient (false); null is the rule's own: true but for sgd, adam, nadam and radam. Lion, LAMB and Adan know only theirs.</summary>
    public bool? Decoupled { get; init; }

    /// <summary>Decay of the mean of gradients; null is the rule's own: 0.98 for Adan, else 0.9.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Decay of the mean of squared gradients (Lion: of the kept mean; Adan: of the mean of differences); null is 0.99 for Lion, 0.92 for Adan, else 0.999.</summary>
    public double? Beta2 { get; init; }

    /// <summary>Adan: decay of the mean of squares; null is 0.99.</summary>
    public double? Beta3 { get; init; }

    /// <summary>Added to the denominator; null is 1e-6 for LAMB, else 1e-8.</summary>
    public double? Epsilon { get; init; }

    /// <summary>SGD: decay of the sum of gradients; 0 is plain descent.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD: look ahead along the momentum.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>NAdam: how fast the momentum reaches <see cref="Beta1"/>.</summary>
    public double MomentumDecay { get; init; } = 4e-3;

    /// <summary>Factor of the learning rate from each layer group to the one below it, the classifier's being 1 (as timm); 1 is off. 0.65 to 0.9 suit fine-tuning of transformers and ConvNeXts.</summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>What clips the gradient.</summary>
    public ClipMode Clip { get; init; } = ClipMode.Norm;

    /// <summary>Largest 2-norm of the whole gradient; 0 does not clip.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Largest absolute value of a gradient's element.</summary>
    public double ClipValue { get; init; } = 1;

    /// <summary>Adaptive clipping: largest ratio of a unit's gradient to its weights; 0.01 to 0.16 by the paper, the smaller for larger batches.</summary>
    public double AgcFactor { get; init; } = 0.01;

    /// <summary>Whether weight decay shrinks the weights apart from the gradient.</summary>
    internal bool IsDecoupled => Decoupled ?? Kind is not (OptimizerKind.Sgd or OptimizerKind.Adam or OptimizerKind.NAdam or OptimizerKind.RAdam);

    /// <summary>The rule's constants, with its own where none were given.</summary>
    internal (double Beta1, double Beta2, double Beta3, double Epsilon) Constants => (
        Beta1 ?? (Kind == OptimizerKind.Adan ? 0.98 : 0.9),
        Beta2 ?? Kind switch { OptimizerKind.Lion => 0.99, OptimizerKind.Adan => 0.92, _ => 0.999 },
        Beta3 ?? 0.99,
        Epsilon ?? (Kind == OptimizerKind.Lamb ? 1e-6 : 1e-8));

    /// <summary>The factors of the learning rate, layer group by layer group.</summary>
    internal double[] LayerFactors(Architecture architecture)
    {
        var top = architecture.Tensors.Max(t => t.LayerGroup);
        return [.. Enumerable.Range(0, top + 1).Select(group => Math.Pow(LayerDecay, top - group))];
    }
}
