namespace SketchFlow.Learning.Models.Profiling;

/// <summary>Stride, padding and groups of a convolution.</summary>
/// <param name="StrideY">Stride in rows.</param>
/// <param name="StrideX">Stride in columns.</param>
/// <param name="PaddingY">Number of rows of zeros above and below.</param>
/// <param name="PaddingX">Number of columns of zeros on the left and on the right.</param>
/// <param name="Groups">Number of groups of channels that are convolved separately.</param>
public sealed record ConvolutionGeometry(long StrideY, long StrideX, long PaddingY, long PaddingX, long Groups);
