namespace SketchFlow.Learning.Models.Layers;

/// <summary>Numbers of an NHWC image as the kernel reads them: float32, or bfloat16 widened on the way.</summary>
/// <param name="Data">The first one.</param>
/// <param name="IsHalf">bfloat16.</param>
internal readonly record struct DepthwiseNumbers(nint Data, bool IsHalf);
