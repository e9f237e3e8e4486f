using TorchSharp;

namespace SketchFlow.Learning.Precision;

/// <summary>libtorch's names for <see cref="ComputePrecision"/>.</summary>
internal static class ComputePrecisionExtensions
{
    /// <summary>The type that autocast computes in; null is float32 without autocast.</summary>
    public static torch.ScalarType? AutocastType(this ComputePrecision precision) => precision switch
    {
        ComputePrecision.BFloat16 => torch.ScalarType.BFloat16,
        ComputePrecision.Float16 => torch.ScalarType.Float16,
        _ => null,
    };
}
