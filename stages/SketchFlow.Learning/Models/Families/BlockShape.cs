namespace SketchFlow.Learning.Models.Families;

/// <summary>Sizes of a residual block.</summary>
/// <param name="InChannels">Number of input channels.</param>
/// <param name="OutChannels">Number of output channels.</param>
/// <param name="Stride">Stride; 2 halves the side of the image.</param>
/// <param name="DropPath">Probability of dropping a sample's branch in training.</param>
internal readonly record struct BlockShape(long InChannels, long OutChannels, int Stride, double DropPath);
