using SketchFlow.Learning.Models;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>An optimiser with its options. <see cref="FlatOptimizer"/> applies it to a model.</summary>
/// <remarks>
/// The defaults are PyTorch's, except for the weight decay, which is timm's for AdamW. A new optimiser is a record derived from this one, with an
/// <see cref="UpdateRule"/>; recipes, the reference page and the tests find it by reflection.
/// </remarks>
public abstract record Optimizer : Kind
{
    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of weights of two or more dimensions; norms, biases and embeddings are excluded.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>
    /// Factor of the learning rate from each layer group to the one below it; the classifier's is 1 (as in timm) and 1 is off. 0.65 to 0.9 suit
    /// fine-tuning of transformers and ConvNeXts.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Kind of gradient clipping.</summary>
    public ClipMode Clip { get; init; } = ClipMode.Norm;

    /// <summary>Largest 2-norm of the whole gradient; 0 does not clip.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Largest absolute value of a gradient's element.</summary>
    public double ClipValue { get; init; } = 1;

    /// <summary>Adaptive clipping: largest ratio of a unit's gradient to its weights; 0.01 to 0.16 in the paper, smaller for larger batches.</summary>
    public double AgcFactor { get; init; } = 0.01;

    /// <summary>Creates the rule that moves the parameters, without any history.</summary>
    internal abstract UpdateRule CreateRule();

    /// <summary>Computes the factors of the learning rate, one per layer group.</summary>
    internal double[] LayerFactors(Architecture architecture)
    {
        var top = architecture.Tensors.Max(t => t.LayerGroup);
        return [.. Enumerable.Range(0, top + 1).Select(group => Math.Pow(LayerDecay, top - group))];
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        checks.Require(LearningRate > 0, LearningRate, "above 0");
        checks.Require(WeightDecay >= 0, WeightDecay, "0 or more");
        checks.Require(LayerDecay is > 0 and <= 1, LayerDecay, "above 0 to 1 (off)");
        checks.Require(ClipNorm >= 0, ClipNorm, "0 (no clipping) or more");
        checks.Require(ClipValue > 0, ClipValue, "above 0");
        checks.Require(AgcFactor > 0, AgcFactor, "above 0");
    }
}
