using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class FlatOptimizer
{
    /// <summary>Adds the gradient of the loss's L1 and L2 penalties on the weights that decay and are not frozen, and returns the penalties' value.</summary>
    /// <param name="l1">Factor of the sum of |w|.</param>
    /// <param name="l2">Factor of half the sum of w².</param>
    /// <param name="scale">Loss scale contained in the gradients.</param>
    public double AddPenalty(double l1, double l2, double scale)
    {
        if (l1 == 0 && l2 == 0)
        {
            return 0;
        }

        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        return _tensorRanges.Where(r => r.Decays).Sum(r => IsLooped ? PenaltyByLoop(r, l1, l2, scale) : PenaltyByTensors(r, l1, l2, scale));
    }

    private unsafe double PenaltyByLoop(ParameterRange range, double l1, double l2, double scale)
    {
        var p = TensorMemory.Pointer<float>(_model.Parameters) + range.Start;
        var g = TensorMemory.Pointer<float>(_model.Gradients!) + range.Start;
        var (one, two) = ((float)(l1 * scale), (float)(l2 * scale));
        return BufferParallel.Sum(range.End - range.Start, Threads, (start, count) =>
        {
            var sum = 0.0;
            for (var from = start; from < start + count; from += 1024)
            {
                var lanes = Vector<float>.Zero;
                for (var i = from; i < Math.Min(from + 1024, start + count); i += Vector<float>.Count)
                {
                    var w = Vector.Load(p + i);
                    lanes += Vector.Abs(w);
                    Vector.Store(Vector.Load(g + i) + (BufferParallel.Sign(w) * one) + (w * two), g + i);
                }

                sum += Vector.Sum(lanes) * l1;
            }

            return sum + (BufferParallel.SumOfSquares(p + start, count) * l2 / 2);
        });
    }

    private double PenaltyByTensors(ParameterRange range, double l1, double l2, double scale)
    {
        var p = _model.Parameters.narrow(0, range.Start, range.End - range.Start);
        var g = _model.Gradients!.narrow(0, range.Start, range.End - range.Start);
        g.add_(p, alpha: Keep(l2 * scale));
        if (l1 != 0)
        {
            g.add_(p.sign(), alpha: Keep(l1 * scale));
        }

        var norm = p.norm().AsDouble();
        return (l1 == 0 ? 0 : l1 * p.abs().sum().AsDouble()) + (l2 / 2 * norm * norm);
    }
}
