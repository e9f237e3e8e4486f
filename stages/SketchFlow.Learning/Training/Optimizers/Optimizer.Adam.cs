using System.Numerics;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>Adam and AdamW: p ← p - rate / c1 × first / (√(second / c2) + ε).</summary>
    private sealed unsafe class AdamRule(OptimizerOptions options) : TwoMoments(options)
    {
        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (shrink, l2) = Decay(Decoupled, move);
            var (factor, beta1, beta2) = ((float)move.Factor, (float)Is.Beta1, (float)Is.Beta2);
            var rate = (float)(move.Rate / (1 - Math.Pow(Is.Beta1, move.Age)));
            var rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(Is.Beta2, move.Age)));
            var epsilon = new Vector<float>((float)Is.Epsilon);
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var w = Vector.Load(p + i);
                var gradient = (Vector.Load(g + i) * factor) + (w * l2);
                var first = (Vector.Load(m.A + i) * beta1) + (gradient * (1 - beta1));
                var second = (Vector.Load(m.B + i) * beta2) + (gradient * gradient * (1 - beta2));
                Vector.Store(first, m.A + i);
                Vector.Store(second, m.B + i);
                Vector.Store((w * shrink) - (first * rate / ((Vector.SquareRoot(second) * rootCorrection) + epsilon)), p + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(Decoupled, move, factors, p, g);
            Average(g, m);
            g.copy_(m[1]).sqrt_().mul_(1 / Math.Sqrt(1 - Math.Pow(Is.Beta2, move.Age))).add_(Is.Epsilon);
            var rate = move.Rate / (1 - Math.Pow(Is.Beta1, move.Age));
            if (factors is null)
            {
                p.addcdiv_(m[0], g, -rate);
            }
            else
            {
                p.addcmul_(g.reciprocal_().mul_(m[0]), factors, -rate);
            }
        }
    }
}
