using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using static SketchFlow.Learning.Native.BufferParallel;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Place of a learned tensor in the flat buffers.</summary>
/// <param name="Tensor">Index into <see cref="Architecture.Tensors"/>.</param>
/// <param name="Start">Index of the first element.</param>
/// <param name="End">Index after the last element and the gap of zeros that follows it.</param>
/// <param name="Decays">Whether weight decay applies.</param>
/// <param name="Factor">Factor of the learning rate in the tensor's layer group.</param>
internal readonly record struct ParameterPlace(int Tensor, long Start, long End, bool Decays, double Factor)
{
    /// <summary>Lists the places of all parameters in the order of the buffer.</summary>
    public static ParameterPlace[] All(FlatModel model, double[] factors) =>
        [.. model.Architecture.Tensors.Select((spec, i) => (Spec: spec, Index: i)).Where(t => t.Spec.Role == TensorRole.Parameter)
            .Select(t => new ParameterPlace(
                t.Index, model.Places[t.Index], model.Places[t.Index] + ((t.Spec.Count + Alignment - 1) / Alignment * Alignment), t.Spec.Decays,
                factors[t.Spec.LayerGroup]))
            .OrderBy(p => p.Start)];
}
