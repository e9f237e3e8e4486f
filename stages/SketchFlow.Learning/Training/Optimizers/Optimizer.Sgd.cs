using System.Collections.Immutable;
using System.Numerics;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>SGD: momentum ← μ × momentum + g; p ← p - rate × momentum, or, after Nesterov, rate × (g + μ × momentum).</summary>
    private sealed unsafe class SgdRule(OptimizerOptions options) : Rule
    {
        private readonly bool _decoupled = options.IsDecoupled;

        public override ImmutableArray<string> Moments => options.Momentum == 0 ? [] : ["momentum"];

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (shrink, l2) = Decay(_decoupled, move);
            var (factor, rate, momentum) = ((float)move.Factor, (float)move.Rate, (float)options.Momentum);
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

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(_decoupled, move, factors, p, g);
            if (options.Momentum != 0)
            {
                m[0].mul_(options.Momentum).add_(g);
                g = options.Nesterov ? g.add_(m[0], alpha: options.Momentum) : m[0];
            }

            Descend(move.Rate, factors, p, g);
        }
    }
}
