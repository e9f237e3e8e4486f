using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Tests.Learning;

/// <summary>Computes layers on tensors.</summary>
internal static class LayerComputation
{
    /// <summary>Returns the output of a layer for a tensor.</summary>
    public static torch.Tensor Compute(this Layer layer, ForwardContext pass, torch.Tensor x) => layer(pass, new Value(x)).Tensor;
}
