using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adam whose step is scaled, tensor by tensor, to the norm of the weights (You et al., ICLR 2020, as in timm): for very large batches.</summary>
public sealed record Lamb : TwoMomentOptimizer
{
    /// <summary>Creates the optimiser with its default options.</summary>
    public Lamb() => Epsilon = 1e-6;

    internal override UpdateRule CreateRule() => new Rule(this);

    // Adam's direction plus decay × p stays in the gradient; FlatOptimizer scales it, tensor by tensor, to |p| / |direction| of its length.
    // Tensors without decay keep Adam's length.
    private sealed unsafe class Rule(Lamb options) : TwoMomentRule(options)
    {
        public override bool IsLayerwise => true;

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (factor, decay, beta1, beta2) = ((float)update.Factor, (float)update.Decay, (float)Beta1, (float)Beta2);
            var correction = (float)(1 / (1 - Math.Pow(Beta1, update.Age)));
            var rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Age)));
            var epsilon = new Vector<float>((float)Epsilon);
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var gradient = Vector.Load(g + i) * factor;
                var first = (Vector.Load(m.A + i) * beta1) + (gradient * (1 - beta1));
                var second = (Vector.Load(m.B + i) * beta2) + (gradient * gradient * (1 - beta2));
                Vector.Store(first, m.A + i);
                Vector.Store(second, m.B + i);
                Vector.Store((first * correction / ((Vector.SquareRoot(second) * rootCorrection) + epsilon)) + (Vector.Load(p + i) * decay), g + i);
            }
        }

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Average(g, m);
            g.copy_(m[1]).sqrt_().mul_(Keep(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Age)))).Increase(Epsilon).reciprocal_()
                .mul_(m[0]).mul_(Keep(1 / (1 - Math.Pow(Beta1, update.Age))));
            if (update.Decay != 0)
            {
                g.add_(p, alpha: Keep(update.Decay));
            }
        }
    }
}
