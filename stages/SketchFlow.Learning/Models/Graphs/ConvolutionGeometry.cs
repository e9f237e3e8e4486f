namespace SketchFlow.Learning.Models.Graphs;

/// <summary>Stride, padding and groups of a convolution.</summary>
/// <param name="StrideY">Stride in rows.</param>
/// <param name="StrideX">Stride in columns.</param>
/// <param name="PaddingY">Number of rows of zeros above and below.</param>
/// <param name="PaddingX">Number of columns of zeros on the left and on the right.</param>
/// <param name="Groups">Number of groups of channels that are convolved separately.</param>
public sealed record ConvolutionGeometry(long StrideY, long StrideX, long PaddingY, long PaddingX, long Groups)
{
    /// <summary>Returns the shape (N, out, H', W') of the convolution of x (N, in, H, W) with a weight (out, in / groups, kH, kW).</summary>
    internal long[] InferShape(long[] x, long[] weight) =>
        [x[0], weight[0], ((x[2] + (2 * PaddingY) - weight[2]) / StrideY) + 1, ((x[3] + (2 * PaddingX) - weight[3]) / StrideX) + 1];
}
