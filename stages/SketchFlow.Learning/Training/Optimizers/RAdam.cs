using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adam with a rate that is rectified while the variance is unknown (Liu et al., ICLR 2020), as <c>torch.optim.RAdam</c>.</summary>
public sealed record RAdam : TwoMomentOptimizer
{
    /// <summary>Whether weight decay shrinks the weights (true) or is added to their gradient (false).</summary>
    public bool Decoupled { get; init; }

    internal override UpdateRule CreateRule() => new Rule(this);

    // Momentum alone for the first steps, then Adam's step times the rectification.
    private sealed unsafe class Rule(RAdam options) : TwoMomentRule(options)
    {
        private readonly bool _decoupled = options.Decoupled;

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (shrink, l2) = Decay(_decoupled, update);
            var (factor, beta1, beta2) = ((float)update.Factor, (float)Beta1, (float)Beta2);
            var (by, rectified) = Coefficients(update);
            var (rate, epsilon) = ((float)by, new Vector<float>((float)Epsilon));
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

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(_decoupled, update, factors, p, g);
            Average(g, m);
            var (by, rectified) = Coefficients(update);
            Descend(by, factors, p, rectified ? g.copy_(m[1]).sqrt_().Increase(Epsilon).reciprocal_().mul_(m[0]) : m[0]);
        }

        // Section 4 of the paper: rho is the length of the average; up to 5 (PyTorch; 4 in the paper) its variance is unknown.
        private (double By, bool Rectified) Coefficients(in RangeUpdate update)
        {
            var (power, correction1) = (Math.Pow(Beta2, update.Age), 1 - Math.Pow(Beta1, update.Age));
            var longest = (2 / (1 - Beta2)) - 1;
            var rho = longest - (2 * update.Age * power / (1 - power));
            var by = update.Rate / correction1;
            return rho > 5
                ? (by * Math.Sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)) * Math.Sqrt(1 - power), true)
                : (by, false);
        }
    }
}
