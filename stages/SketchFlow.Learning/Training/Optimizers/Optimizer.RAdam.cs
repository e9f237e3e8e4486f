using System.Numerics;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>RAdam, as <c>torch.optim.RAdam</c>: momentum alone for the first steps, then Adam's step times the rectification.</summary>
    private sealed unsafe class RAdamRule(OptimizerOptions options) : TwoMoments(options)
    {
        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (shrink, l2) = Decay(Decoupled, move);
            var (factor, beta1, beta2) = ((float)move.Factor, (float)Is.Beta1, (float)Is.Beta2);
            var (by, rectified) = Coefficients(move);
            var (rate, epsilon) = ((float)by, new Vector<float>((float)Is.Epsilon));
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var w = Vector.Load(p + i);
                var gradient = (Vector.Load(g + i) * factor) + (w * l2);
                var first = (Vector.Load(m.A + i) * beta1) + (gradient * (1 - beta1));
                var second = (Vector.Load(m.B + i) * beta2) + (gradient * gradient * (1 - beta2));
                Vector.Store(first, m.A + i);
                Vector.Store(second, m.B + i);
                var step = first * rate;
                Vector.Store((w * shrink) - (rectified ? step / (Vector.SquareRoot(second) + epsilon) : step), p + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(Decoupled, move, factors, p, g);
            Average(g, m);
            var (by, rectified) = Coefficients(move);
            Descend(by, factors, p, rectified ? g.copy_(m[1]).sqrt_().add_(Is.Epsilon).reciprocal_().mul_(m[0]) : m[0]);
        }

        // Section 4 of the paper: rho is the length of the average; up to 5 (PyTorch; 4 in the paper) its variance is not to be had.
        private (double By, bool Rectified) Coefficients(in Move move)
        {
            var (power, correction1) = (Math.Pow(Is.Beta2, move.Age), 1 - Math.Pow(Is.Beta1, move.Age));
            var longest = (2 / (1 - Is.Beta2)) - 1;
            var rho = longest - (2 * move.Age * power / (1 - power));
            var by = move.Rate / correction1;
            return rho > 5
                ? (by * Math.Sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)) * Math.Sqrt(1 - power), true)
                : (by, false);
        }
    }
}
