namespace SketchFlow.Learning.Models.Profiling;

/// <summary>How a convolution goes over its image.</summary>
/// <param name="StrideDown">Rows from one place of the kernel to the next.</param>
/// <param name="StrideAcross">Columns from one place to the next.</param>
/// <param name="PaddingDown">Rows of zeros above and below.</param>
/// <param name="PaddingAcross">Columns of zeros at the left and the right.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
public sealed record ConvolutionGeometry(long StrideDown, long StrideAcross, long PaddingDown, long PaddingAcross, long Groups);
