namespace SketchFlow.Imaging.Kernels;

/// <summary>The shape of a morphological kernel (structuring element).</summary>
public enum KernelShape
{
    /// <summary>The whole square.</summary>
    Rectangle,

    /// <summary>The ellipse inscribed in the square.</summary>
    Ellipse,

    /// <summary>The middle row and column.</summary>
    Cross,
}
