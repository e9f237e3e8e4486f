namespace SketchFlow.Learning.Models.Graphs.Depthwise;

/// <summary>Sizes of a depthwise convolution of images in NHWC memory.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Channels">Number of input and output channels.</param>
/// <param name="In">Rows and columns of the input.</param>
/// <param name="Out">Rows and columns of the output.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Stride">Stride in rows and columns.</param>
/// <param name="Padding">Zero padding above and on the left.</param>
internal sealed record DepthwiseShape(
    int Images,
    int Channels,
    (int Rows, int Columns) In,
    (int Rows, int Columns) Out,
    (int Rows, int Columns) Kernel,
    int Stride,
    (int Rows, int Columns) Padding);
