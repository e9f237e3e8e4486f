namespace SketchFlow.Learning.Precision;

/// <summary>Mode of automatic mixed precision: the value of <c>--amp</c>.</summary>
public enum AmpMode
{
    /// <summary>
    /// bf16 on a CPU that multiplies it faster than float32 and on CUDA from compute capability 8; fp16 on older CUDA; off elsewhere.
    /// </summary>
    Auto,

    /// <summary>float32 everywhere.</summary>
    Off,

    /// <summary>bfloat16 products without a gradient scaler.</summary>
    Bf16,

    /// <summary>float16 products with a gradient scaler.</summary>
    Fp16,
}
