using TorchSharp;

namespace SketchFlow.Tests.Learning;

internal static class TensorComparison
{
    /// <summary>The same shape and the same values, bit for bit but for NaN.</summary>
    public static bool Same(this torch.Tensor a, torch.Tensor b)
    {
        using var scope = torch.NewDisposeScope();
        return a.shape.AsSpan().SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
    }
}
