using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>Lion: p ← p × (1 - rate × decay) - rate × sign(β1 × first + (1 - β1) × g), then first takes in g by β2 (algorithm 2 of the paper).</summary>
    private sealed unsafe class LionRule(OptimizerOptions options) : Rule
    {
        private readonly (double Beta1, double Beta2, double Beta3, double Epsilon) _is = options.Constants;

        public override ImmutableArray<string> Moments => ["first"];

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (shrink, _) = Decay(decoupled: true, move);
            var (factor, rate, beta1, beta2) = ((float)move.Factor, (float)move.Rate, (float)_is.Beta1, (float)_is.Beta2);
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var (gradient, first) = (Vector.Load(g + i) * factor, Vector.Load(m.A + i));
                Vector.Store((Vector.Load(p + i) * shrink) - (BufferParallel.Sign((first * beta1) + (gradient * (1 - beta1))) * rate), p + i);
                Vector.Store((first * beta2) + (gradient * (1 - beta2)), m.A + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Shrink(move, factors, p);
            // The one temporary of the model's size: gradient and sign are needed at once.
            using var sign = m[0].mul(_is.Beta1);
            Descend(move.Rate, factors, p, sign.add_(g, alpha: 1 - _is.Beta1).sign_());
            m[0].mul_(_is.Beta2).add_(g, alpha: 1 - _is.Beta2);
        }
    }
}
