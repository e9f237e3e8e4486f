namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>The shape of a morphological kernel.</summary>
public enum KernelShape
{
    /// <summary>All of the square.</summary>
    Rectangle,

    /// <summary>The ellipse within the square.</summary>
    Ellipse,

    /// <summary>The middle row and column.</summary>
    Cross,
}
