using TorchSharp;

namespace SketchFlow.Learning.Amp;

/// <summary>What products (convolutions, matrix products, attention) are computed in; parameters are float32 throughout.</summary>
public enum ComputePrecision
{
    /// <summary>float32, without autocast.</summary>
    Float32,

    /// <summary>bfloat16 by autocast: float32's range, 8 bits of mantissa.</summary>
    BFloat16,

    /// <summary>float16 by autocast, with a gradient scaler.</summary>
    Float16,
}

/// <summary>libtorch's names for <see cref="ComputePrecision"/>.</summary>
internal static class PrecisionTypes
{
    /// <summary>The type that autocast computes in; null is float32 without autocast.</summary>
    public static torch.ScalarType? Autocast(this ComputePrecision precision) => precision switch
    {
        ComputePrecision.BFloat16 => torch.ScalarType.BFloat16,
        ComputePrecision.Float16 => torch.ScalarType.Float16,
        _ => null,
    };
}
