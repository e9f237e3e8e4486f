using System.Collections.Immutable;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>The part that the rules related to Adam have in common: a mean of the gradients and a mean of their squares.</summary>
internal abstract class TwoMomentRule(TwoMomentOptimizer options) : UpdateRule
{
    public sealed override ImmutableArray<string> Moments => ["first", "second"];

    protected double Beta1 { get; } = options.Beta1;

    protected double Beta2 { get; } = options.Beta2;

    protected double Epsilon { get; } = options.Epsilon;

    /// <summary>Updates both means with the gradients.</summary>
    protected void Average(torch.Tensor g, torch.Tensor[] m)
    {
        m[0].mul_(Keep(Beta1)).add_(g, alpha: Keep(1 - Beta1));
        m[1].mul_(Keep(Beta2)).addcmul_(g, g, Keep(1 - Beta2));
    }
}
