namespace SketchFlow.Learning.Models.Graphs.Depthwise;

/// <summary>Address of an NHWC image in float32, or in bfloat16 that is widened when read.</summary>
/// <param name="Data">Address of the first element.</param>
/// <param name="IsHalf">Whether the elements are bfloat16.</param>
internal readonly record struct DepthwiseBuffer(nint Data, bool IsHalf);
