using TorchSharp;

namespace SketchFlow.Learning.Precision;

/// <summary>Conversions of <see cref="ComputePrecision"/> to libtorch's types.</summary>
internal static class ComputePrecisionExtensions
{
    /// <summary>Returns the type that autocast computes in; null is float32 without autocast.</summary>
    public static torch.ScalarType? AutocastType(this ComputePrecision precision) => precision switch
    {
        ComputePrecision.BFloat16 => torch.ScalarType.BFloat16,
        ComputePrecision.Float16 => torch.ScalarType.Float16,
        _ => null,
    };
}
