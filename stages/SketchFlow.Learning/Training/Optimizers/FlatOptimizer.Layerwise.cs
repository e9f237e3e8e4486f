using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class FlatOptimizer
{
    private bool IsAdapted(in ParameterPlace place) => place.Decays && _options.WeightDecay != 0;

    // Two more loops over memory, block by block of each tensor: the norms, then the step.
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
            var (w, u) = IsAdapted(_places[i]) ? (Norm(p + at, count), Norm(g + at, count)) : (0, 0);
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

    private unsafe double Norm(float* values, long count) =>
        Math.Sqrt(BufferParallel.Sum(count, Threads, (start, n) => BufferParallel.SumOfSquares(values + start, n)));

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
                // Computed without copying the norms to the host: where a norm is 0 the ratio is 0 / 0 or infinite, and 1 replaces it.
                var (w, u) = (p.norm(), g.norm());
                g.mul_(torch.where(w.gt(Keep(0)).logical_and(u.gt(Keep(0))), w / u, torch.ones_like(w)));
            }

            p.add_(g, alpha: Keep(-rate * _places[i].Factor));
        }
    }
}
