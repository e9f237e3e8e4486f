using SketchFlow.Learning.Models;

namespace SketchFlow.Learning.Training.Optimizers;

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
