using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adam (Kingma and Ba, ICLR 2015); weight decay, if any, is L2, added to the gradient.</summary>
public record Adam : TwoMomentOptimizer
{
    /// <summary>Whether weight decay shrinks the weights (true) or is added to their gradient (false).</summary>
    public bool Decoupled { get; init; }

    internal override UpdateRule CreateRule() => new Rule(this);

    // p ← p - rate / c1 × first / (√(second / c2) + ε)
    private sealed unsafe class Rule(Adam options) : TwoMomentRule(options)
    {
        private readonly bool _decoupled = options.Decoupled;

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (shrink, l2) = Decay(_decoupled, update);
            var (factor, beta1, beta2) = ((float)update.Factor, (float)Beta1, (float)Beta2);
            var rate = (float)(update.Rate / (1 - Math.Pow(Beta1, update.Age)));
            var rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Age)));
            var epsilon = new Vector<float>((float)Epsilon);
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

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(_decoupled, update, factors, p, g);
            Average(g, m);
            g.copy_(m[1]).sqrt_().mul_(Keep(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Age)))).Increase(Epsilon);
            var rate = update.Rate / (1 - Math.Pow(Beta1, update.Age));
            if (factors is null)
            {
                p.addcdiv_(m[0], g, Keep(-rate));
            }
            else
            {
                p.addcmul_(g.reciprocal_().mul_(m[0]), factors, Keep(-rate));
            }
        }
    }
}
