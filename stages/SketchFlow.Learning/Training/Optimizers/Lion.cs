using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>
/// The sign of a mean of gradients (Chen et al., NeurIPS 2023): half of Adam's memory; needs a 3 to 10 times lower rate and a decay higher by that factor.
/// </summary>
public sealed record Lion : Optimizer
{
    /// <summary>Share of the kept mean in the mean whose sign is taken.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the kept mean.</summary>
    public double Beta2 { get; init; } = 0.99;

    internal override UpdateRule CreateRule() => new Rule(this);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Beta1 is >= 0 and < 1, Beta1, "0 to below 1");
        checks.Require(Beta2 is >= 0 and < 1, Beta2, "0 to below 1");
    }

    // p ← p × (1 - rate × decay) - rate × sign(β1 × first + (1 - β1) × g), then first ← β2 × first + (1 - β2) × g (algorithm 2 of the paper).
    private sealed unsafe class Rule(Lion options) : UpdateRule
    {
        public override ImmutableArray<string> Moments => ["first"];

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (shrink, _) = Decay(decoupled: true, update);
            var (factor, rate, beta1, beta2) = ((float)update.Factor, (float)update.Rate, (float)options.Beta1, (float)options.Beta2);
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var (gradient, first) = (Vector.Load(g + i) * factor, Vector.Load(m.A + i));
                Vector.Store((Vector.Load(p + i) * shrink) - (BufferParallel.Sign((first * beta1) + (gradient * (1 - beta1))) * rate), p + i);
                Vector.Store((first * beta2) + (gradient * (1 - beta2)), m.A + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Shrink(update, factors, p);
            // The only temporary of the model's size: gradient and sign are needed at the same time.
            using var sign = m[0].mul(Keep(options.Beta1));
            Descend(update.Rate, factors, p, sign.add_(g, alpha: Keep(1 - options.Beta1)).sign_());
            m[0].mul_(Keep(options.Beta2)).add_(g, alpha: Keep(1 - options.Beta2));
        }
    }
}
