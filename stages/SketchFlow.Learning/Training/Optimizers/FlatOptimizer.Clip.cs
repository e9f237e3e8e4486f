using System.Numerics;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class FlatOptimizer
{
    private const double MinUnitNorm = 1e-3;

    // Clipping by norm is a factor of the step itself; the other kinds are a separate pass. Gradients still contain the loss scale.
    private void ClipGradients(double scale)
    {
        switch (_options.Clip)
        {
            case ClipMode.Value:
                ClipByValue(_options.ClipValue * scale);
                break;
            case ClipMode.Agc:
                ClipByUnits(scale);
                break;
        }
    }

    private unsafe void ClipByValue(double limit)
    {
        var gradients = _model.Gradients!;
        if (!IsLooped)
        {
            gradients.clamp_(Keep(-limit), Keep(limit));
            return;
        }

        var g = TensorMemory.Pointer<float>(gradients);
        var (low, high) = (new Vector<float>((float)-limit), new Vector<float>((float)limit));
        BufferParallel.Each(gradients.numel(), Threads, (start, count) =>
        {
            for (var i = start; i < start + count; i += Vector<float>.Count)
            {
                Vector.Store(Vector.Min(Vector.Max(Vector.Load(g + i), low), high), g + i);
            }
        });
    }

    // timm's adaptive_clip_grad: a unit is a row of the first dimension (an output), or the whole of a vector. Rows are
    // contiguous in either memory format.
    private unsafe void ClipByUnits(double scale)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            var spec = _model.Architecture.Tensors[_places[i].Tensor];
            if (_frozen[i] || _model.Architecture.BelongsToClassifier(spec.Name))
            {
                continue;
            }

            var units = spec.Shape.Length > 1 ? spec.Shape[0] : 1;
            var size = spec.Count / units;
            if (!IsLooped)
            {
                using var scope = torch.NewDisposeScope();
                var (w, g) = (Rows(_model.Parameters, _places[i].Start), Rows(_model.Gradients!, _places[i].Start));
                var most = w.norm(1, keepdim: true).clamp_min(Keep(MinUnitNorm)).mul_(Keep(_options.AgcFactor * scale));
                var norm = g.norm(1, keepdim: true);
                g.mul_(torch.where(norm.lt(most), torch.ones_like(norm), most / norm.clamp_min(Keep(1e-6 * scale))));

                torch.Tensor Rows(torch.Tensor flat, long start) => flat.narrow(0, start, spec.Count).view(units, size);
                continue;
            }

            var p = TensorMemory.Pointer<float>(_model.Parameters) + _places[i].Start;
            var from = TensorMemory.Pointer<float>(_model.Gradients!) + _places[i].Start;
            // About one block of floats per task; units do not depend on each other.
            var batch = (int)Math.Max(1, BufferParallel.Size / size);
            OpenMpTeam.For(
                (int)((units + batch - 1) / batch),
                BufferParallel.Operations(spec.Count),
                task =>
                {
                    for (var unit = (long)task * batch; unit < Math.Min(units, (task + 1L) * batch); unit++)
                    {
                        ClipUnit(p + (unit * size), from + (unit * size), (int)size, scale);
                    }
                },
                Threads);
        }
    }

    private unsafe void ClipUnit(float* p, float* g, int count, double scale)
    {
        var most = Math.Max(Math.Sqrt(BufferParallel.SumOfSquares(p, count)), MinUnitNorm) * _options.AgcFactor;
        var norm = Math.Sqrt(BufferParallel.SumOfSquares(g, count)) / scale;
        if (norm < most)
        {
            return;
        }

        var factor = (float)(most / Math.Max(norm, 1e-6));
        for (var i = 0; i < count; i++)
        {
            g[i] *= factor;
        }
    }
}
