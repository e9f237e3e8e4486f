namespace SketchFlow.Learning.Precision;

/// <summary>Precision of products (convolutions, matrix products, attention). Parameters are always float32.</summary>
public enum ComputePrecision
{
    /// <summary>float32, without autocast.</summary>
    Float32,

    /// <summary>bfloat16 by autocast: float32's range, 8 bits of mantissa.</summary>
    BFloat16,

    /// <summary>float16 by autocast, with a gradient scaler.</summary>
    Float16,
}
