using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Nesterov's momentum from differences of gradients (Xie et al., TPAMI 2024): twice Adam's memory.</summary>
public sealed record Adan : Optimizer
{
    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.98;

    /// <summary>Decay of the mean of differences of gradients.</summary>
    public double Beta2 { get; init; } = 0.92;

    /// <summary>Decay of the mean of squares.</summary>
    public double Beta3 { get; init; } = 0.99;

    /// <summary>Number added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal override UpdateRule CreateRule() => new Rule(this);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Beta1 is >= 0 and < 1, Beta1, "0 to below 1");
        checks.Require(Beta2 is >= 0 and < 1, Beta2, "0 to below 1");
        checks.Require(Beta3 is >= 0 and < 1, Beta3, "0 to below 1");
        checks.Require(Epsilon > 0, Epsilon, "above 0");
    }

    // As the authors' code (sail-sg/Adan): means of the gradient, of its change, and of the square of the gradient one step ahead; weight decay
    // by a proximal step, p ← (p - step) / (1 + rate × decay).
    private sealed unsafe class Rule(Adan options) : UpdateRule
    {
        public override ImmutableArray<string> Moments => ["first", "change", "second", "previous"];

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (factor, beta1, beta2, beta3) = ((float)update.Factor, (float)options.Beta1, (float)options.Beta2, (float)options.Beta3);
            var (byFirst, byChange, root) = Coefficients(update);
            var (a, b, rootCorrection, epsilon) = ((float)byFirst, (float)byChange, (float)root, new Vector<float>((float)options.Epsilon));
            var shrink = (float)(1 / (1 + (update.Rate * update.Decay)));
            // There is no change at the first step.
            var changes = update.Age > 1 ? 1f : 0f;
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var gradient = Vector.Load(g + i) * factor;
                var difference = (gradient - Vector.Load(m.D + i)) * changes;
                var ahead = gradient + (difference * beta2);
                var first = (Vector.Load(m.A + i) * beta1) + (gradient * (1 - beta1));
                var change = (Vector.Load(m.B + i) * beta2) + (difference * (1 - beta2));
                var second = (Vector.Load(m.C + i) * beta3) + (ahead * ahead * (1 - beta3));
                Vector.Store(first, m.A + i);
                Vector.Store(change, m.B + i);
                Vector.Store(second, m.C + i);
                Vector.Store(gradient, m.D + i);
                var step = ((first * a) + (change * b)) / ((Vector.SquareRoot(second) * rootCorrection) + epsilon);
                Vector.Store((Vector.Load(p + i) - step) * shrink, p + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            var (first, change, second, previous) = (m[0], m[1], m[2], m[3]);
            if (update.Age == 1)
            {
                previous.copy_(g);
            }

            previous.neg_().Increase(g);
            first.mul_(Keep(options.Beta1)).add_(g, alpha: Keep(1 - options.Beta1));
            change.mul_(Keep(options.Beta2)).add_(previous, alpha: Keep(1 - options.Beta2));
            previous.mul_(Keep(options.Beta2)).Increase(g);
            second.mul_(Keep(options.Beta3)).addcmul_(previous, previous, Keep(1 - options.Beta3));
            previous.copy_(g);
            var (byFirst, byChange, root) = Coefficients(update);
            g.copy_(second).sqrt_().mul_(Keep(root)).Increase(options.Epsilon).reciprocal_();
            if (factors is not null)
            {
                g.mul_(factors);
            }

            p.addcmul_(first, g, Keep(-byFirst)).addcmul_(change, g, Keep(-byChange));
            if (update.Decay == 0)
            {
                return;
            }

            if (factors is null)
            {
                p.div_(Keep(1 + (update.Rate * update.Decay)));
            }
            else
            {
                p.div_(g.copy_(factors).mul_(Keep(update.Rate * update.Decay)).Increase(1));
            }
        }

        private (double ByFirst, double ByChange, double RootCorrection) Coefficients(in RangeUpdate update) => (
            update.Rate / (1 - Math.Pow(options.Beta1, update.Age)), update.Rate * options.Beta2 / (1 - Math.Pow(options.Beta2, update.Age)),
            1 / Math.Sqrt(1 - Math.Pow(options.Beta3, update.Age)));
    }
}
