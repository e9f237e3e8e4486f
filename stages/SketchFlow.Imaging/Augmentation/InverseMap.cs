namespace SketchFlow.Imaging.Augmentation;

/// <summary>Takes points of an output, in pixels, to where they lie in the input; in place. Pixel centres lie at whole numbers.</summary>
/// <param name="xs">Columns, one a point.</param>
/// <param name="ys">Rows, one a point.</param>
/// <param name="size">The image's size, before and after.</param>
public delegate void InverseMap(Span<float> xs, Span<float> ys, ImageSize size);
