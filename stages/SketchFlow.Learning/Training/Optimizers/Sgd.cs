using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Gradient descent with momentum, by default Nesterov's, as in PyTorch and timm.</summary>
public sealed record Sgd : Optimizer
{
    /// <summary>Decay of the sum of gradients; 0 is plain descent.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the step looks ahead along the momentum.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Whether weight decay shrinks the weights (true) or is added to their gradient (false).</summary>
    public bool Decoupled { get; init; }

    internal override UpdateRule CreateRule() => new Rule(this);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Momentum is >= 0 and < 1, Momentum, "0 to below 1");
    }

    // momentum ← μ × momentum + g; p ← p - rate × momentum, or, after Nesterov, rate × (g + μ × momentum).
    private sealed unsafe class Rule(Sgd options) : UpdateRule
    {
        public override ImmutableArray<string> Moments => options.Momentum == 0 ? [] : ["momentum"];

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (shrink, l2) = Decay(options.Decoupled, update);
            var (factor, rate, momentum) = ((float)update.Factor, (float)update.Rate, (float)options.Momentum);
            var (hasMomentum, nesterov) = (options.Momentum != 0, options.Nesterov);
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var w = Vector.Load(p + i);
                var by = (Vector.Load(g + i) * factor) + (w * l2);
                if (hasMomentum)
                {
                    var sum = (Vector.Load(m.A + i) * momentum) + by;
                    Vector.Store(sum, m.A + i);
                    by = nesterov ? by + (sum * momentum) : sum;
                }

                Vector.Store((w * shrink) - (by * rate), p + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(options.Decoupled, update, factors, p, g);
            if (options.Momentum != 0)
            {
                m[0].mul_(Keep(options.Momentum)).Increase(g);
                g = options.Nesterov ? g.add_(m[0], alpha: Keep(options.Momentum)) : m[0];
            }

            Descend(update.Rate, factors, p, g);
        }
    }
}
