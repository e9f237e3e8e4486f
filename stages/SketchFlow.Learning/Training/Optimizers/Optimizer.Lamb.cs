using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>
    /// LAMB, as timm's: Adam's direction plus decay × p, tensor by tensor made |p| / |direction| times as long; tensors that
    /// are spared the decay keep Adam's length. The rule leaves the direction in the gradient.
    /// </summary>
    private sealed unsafe class LambRule(OptimizerOptions options) : TwoMoments(options)
    {
        public override bool IsLayerwise => true;

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (factor, decay, beta1, beta2) = ((float)move.Factor, (float)move.Decay, (float)Is.Beta1, (float)Is.Beta2);
            var correction = (float)(1 / (1 - Math.Pow(Is.Beta1, move.Age)));
            var rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(Is.Beta2, move.Age)));
            var epsilon = new Vector<float>((float)Is.Epsilon);
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

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Average(g, m);
            g.copy_(m[1]).sqrt_().mul_(1 / Math.Sqrt(1 - Math.Pow(Is.Beta2, move.Age))).add_(Is.Epsilon).reciprocal_()
                .mul_(m[0]).mul_(1 / (1 - Math.Pow(Is.Beta1, move.Age)));
            if (move.Decay != 0)
            {
                g.add_(p, alpha: move.Decay);
            }
        }
    }

    private bool IsAdapted(in Place place) => place.Decays && _options.WeightDecay != 0;

    // Twice more over memory, block by block of each tensor: the norms, then the step.
    private unsafe void FinishByLoop(double rate)
    {
        var p = TensorMemory.Pointer<float>(_model.Parameters);
        var g = TensorMemory.Pointer<float>(_model.Gradients!);
        for (var i = 0; i < _places.Length; i++)
        {
            if (_frozen[i])
            {
                continue;
            }

            var (at, count) = (_places[i].Start, _places[i].End - _places[i].Start);
            var (w, u) = IsAdapted(_places[i])
                ? (Math.Sqrt(BufferParallel.Sum(count, Threads, (s, n) => BufferParallel.SumOfSquares(p + at + s, n))), Math.Sqrt(BufferParallel.Sum(count, Threads, (s, n) => BufferParallel.SumOfSquares(g + at + s, n))))
                : (0, 0);
            var by = (float)(rate * _places[i].Factor * (w > 0 && u > 0 ? w / u : 1));
            BufferParallel.Each(count, Threads, (s, n) =>
            {
                for (var k = at + s; k < at + s + n; k += Vector<float>.Count)
                {
                    Vector.Store(Vector.Load(p + k) - (Vector.Load(g + k) * by), p + k);
                    Vector.Store(Vector<float>.Zero, g + k);
                }
            });
        }
    }

    private void FinishByTensors(double rate)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            if (_frozen[i])
            {
                continue;
            }

            using var scope = torch.NewDisposeScope();
            var p = _model.Parameters.narrow(0, _places[i].Start, _places[i].End - _places[i].Start);
            var g = _model.Gradients!.narrow(0, _places[i].Start, _places[i].End - _places[i].Start);
            if (IsAdapted(_places[i]))
            {
                // No way back to the host: where a norm is 0 the ratio is 0 / 0 or infinite, and 1 stands in.
                var (w, u) = (p.norm(), g.norm());
                g.mul_(torch.where(w.gt(0).logical_and(u.gt(0)), w / u, torch.ones_like(w)));
            }

            p.add_(g, alpha: -rate * _places[i].Factor);
        }
    }
}
