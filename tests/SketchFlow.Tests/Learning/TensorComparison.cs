using TorchSharp;

namespace SketchFlow.Tests.Learning;

internal static class TensorComparison
{
    /// <summary>Returns true for the same shape and equal values; NaN equals nothing.</summary>
    public static bool Same(this torch.Tensor a, torch.Tensor b)
    {
        using var scope = torch.NewDisposeScope();
        return a.shape.AsSpan().SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
    }
}
