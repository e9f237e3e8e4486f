using System.Collections.Immutable;
using System.Numerics;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>
    /// Adan, as the authors' code (sail-sg/Adan): means of the gradient, of its change, and of the square of the gradient one
    /// step ahead; weight decay by a proximal step, p ← (p - step) / (1 + rate × decay).
    /// </summary>
    private sealed unsafe class AdanRule(OptimizerOptions options) : Rule
    {
        private readonly (double Beta1, double Beta2, double Beta3, double Epsilon) _is = options.Constants;

        public override ImmutableArray<string> Moments => ["first", "change", "second", "previous"];

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (factor, beta1, beta2, beta3) = ((float)move.Factor, (float)_is.Beta1, (float)_is.Beta2, (float)_is.Beta3);
            var (byFirst, byChange, root) = Coefficients(move);
            var (a, b, rootCorrection, epsilon) = ((float)byFirst, (float)byChange, (float)root, new Vector<float>((float)_is.Epsilon));
            var shrink = (float)(1 / (1 + (move.Rate * move.Decay)));
            // There is no change at the first step.
            var changes = move.Age > 1 ? 1f : 0f;
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

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            var (first, change, second, previous) = (m[0], m[1], m[2], m[3]);
            if (move.Age == 1)
            {
                previous.copy_(g);
            }

            previous.neg_().add_(g);
            first.mul_(_is.Beta1).add_(g, alpha: 1 - _is.Beta1);
            change.mul_(_is.Beta2).add_(previous, alpha: 1 - _is.Beta2);
            previous.mul_(_is.Beta2).add_(g);
            second.mul_(_is.Beta3).addcmul_(previous, previous, 1 - _is.Beta3);
            previous.copy_(g);
            var (byFirst, byChange, root) = Coefficients(move);
            g.copy_(second).sqrt_().mul_(root).add_(_is.Epsilon).reciprocal_();
            if (factors is not null)
            {
                g.mul_(factors);
            }

            p.addcmul_(first, g, -byFirst).addcmul_(change, g, -byChange);
            if (move.Decay == 0)
            {
                return;
            }

            if (factors is null)
            {
                p.div_(1 + (move.Rate * move.Decay));
            }
            else
            {
                p.div_(g.copy_(factors).mul_(move.Rate * move.Decay).add_(1));
            }
        }

        private (double ByFirst, double ByChange, double RootCorrection) Coefficients(in Move move) => (
            move.Rate / (1 - Math.Pow(_is.Beta1, move.Age)), move.Rate * _is.Beta2 / (1 - Math.Pow(_is.Beta2, move.Age)),
            1 / Math.Sqrt(1 - Math.Pow(_is.Beta3, move.Age)));
    }
}
