using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training;

public sealed partial class Optimizer
{
    /// <summary>
    /// LAMB, as timm's: Adam's direction plus decay × p, tensor by tensor made |p| / |direction| times as long; tensors that
    /// are spared the decay keep Adam's length. The rule leaves the direction in the gradient.
    /// </summary>
    private sealed unsafe class LambRule(OptimizerOptions options) : Rule
    {
        private readonly (double Beta1, double Beta2, double Beta3, double Epsilon) _is = options.Constants;

        public override ImmutableArray<string> Moments => ["first", "second"];

        public override bool IsLayerwise => true;

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (factor, decay, beta1, beta2) = ((float)move.Factor, (float)move.Decay, (float)_is.Beta1, (float)_is.Beta2);
            var correction = (float)(1 / (1 - Math.Pow(_is.Beta1, move.Age)));
            var rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(_is.Beta2, move.Age)));
            var epsilon = new Vector<float>((float)_is.Epsilon);
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
            m[0].mul_(_is.Beta1).add_(g, alpha: 1 - _is.Beta1);
            m[1].mul_(_is.Beta2).addcmul_(g, g, 1 - _is.Beta2);
            g.copy_(m[1]).sqrt_().mul_(1 / Math.Sqrt(1 - Math.Pow(_is.Beta2, move.Age))).add_(_is.Epsilon).reciprocal_()
                .mul_(m[0]).mul_(1 / (1 - Math.Pow(_is.Beta1, move.Age)));
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
        var p = TensorMemory.Address<float>(_model.Parameters);
        var g = TensorMemory.Address<float>(_model.Gradients!);
        for (var i = 0; i < _places.Length; i++)
        {
            if (_frozen[i])
            {
                continue;
            }

            var (at, count) = (_places[i].Start, _places[i].End - _places[i].Start);
            var (w, u) = IsAdapted(_places[i])
                ? (Math.Sqrt(Blocks.Sum(count, Threads, (s, n) => Blocks.SumOfSquares(p + at + s, n))), Math.Sqrt(Blocks.Sum(count, Threads, (s, n) => Blocks.SumOfSquares(g + at + s, n))))
                : (0, 0);
            var by = (float)(rate * _places[i].Factor * (w > 0 && u > 0 ? w / u : 1));
            Blocks.Each(count, Threads, (s, n) =>
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
