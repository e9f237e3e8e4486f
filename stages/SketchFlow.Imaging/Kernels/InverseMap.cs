namespace SketchFlow.Imaging.Kernels;

/// <summary>Maps points of an output to points of the input, in pixels and in place. Pixel centres have integer coordinates.</summary>
/// <param name="xs">Column of each point.</param>
/// <param name="ys">Row of each point.</param>
/// <param name="size">Size of the image, which the map does not change.</param>
public delegate void InverseMap(Span<float> xs, Span<float> ys, ImageSize size);
