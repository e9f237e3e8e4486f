using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>Where a learned tensor lies in the flat buffers.</summary>
    /// <param name="Tensor">Index into <see cref="Architecture.Tensors"/>.</param>
    /// <param name="Start">Its first element.</param>
    /// <param name="End">One past its last, the gap of zeros behind it included.</param>
    /// <param name="Decays">Whether weight decay applies.</param>
    /// <param name="Factor">Its layer's factor of the learning rate.</param>
    private readonly record struct Place(int Tensor, long Start, long End, bool Decays, double Factor)
    {
        /// <summary>All of them, in the order in which they lie.</summary>
        public static Place[] All(FlatModel model, double[] factors) =>
            [.. model.Architecture.Tensors.Select((spec, i) => (Spec: spec, Index: i)).Where(t => t.Spec.Role == TensorRole.Parameter)
                .Select(t => new Place(
                    t.Index, model.Places[t.Index], model.Places[t.Index] + ((t.Spec.Count + BufferParallel.Alignment - 1) / BufferParallel.Alignment * BufferParallel.Alignment),
                    t.Spec.Decays, factors[t.Spec.LayerGroup]))
                .OrderBy(p => p.Start)];
    }

    /// <summary>Neighbouring parameters that move alike.</summary>
    /// <param name="Start">The first element.</param>
    /// <param name="End">One past the last.</param>
    /// <param name="Decays">Whether weight decay applies.</param>
    /// <param name="Factor">Factor of the learning rate; null where it differs within.</param>
    /// <param name="Born">The step before their first.</param>
    private readonly record struct Stretch(long Start, long End, bool Decays, double? Factor, long Born)
    {
        public static Stretch[] Merge(IEnumerable<Stretch> stretches, bool acrossFactors)
        {
            var merged = new List<Stretch>();
            foreach (var s in stretches)
            {
                if (merged.Count > 0 && merged[^1] is var last && last.End == s.Start && (last.Decays, last.Born) == (s.Decays, s.Born)
                    && (acrossFactors || last.Factor == s.Factor))
                {
                    merged[^1] = last with { End = s.End, Factor = last.Factor == s.Factor ? s.Factor : null };
                }
                else
                {
                    merged.Add(s);
                }
            }

            return [.. merged];
        }
    }

    /// <summary>What a rule must know to move one stretch in one step.</summary>
    /// <param name="Age">Steps of these parameters, this one included.</param>
    /// <param name="Rate">Learning rate; for tensor operations with factors, to be multiplied by them.</param>
    /// <param name="Decay">Weight decay; 0 for those that are spared.</param>
    /// <param name="Factor">What the gradients are multiplied by: clipping and the loss scale. Tensor operations find it done.</param>
    internal readonly record struct Move(long Age, double Rate, double Decay, double Factor);

    /// <summary>Addresses in up to four moments at one place.</summary>
    internal readonly unsafe struct Moments(float* a, float* b, float* c, float* d)
    {
        public float* A => a;

        public float* B => b;

        public float* C => c;

        public float* D => d;

        public static Moments Of(torch.Tensor[] moments)
        {
            float* At(int i) => i < moments.Length ? TensorMemory.Pointer<float>(moments[i]) : null;
            return new Moments(At(0), At(1), At(2), At(3));
        }

        public static Moments operator +(Moments m, long offset) => new(m.A + offset, m.B + offset, m.C + offset, m.D + offset);
    }
}
