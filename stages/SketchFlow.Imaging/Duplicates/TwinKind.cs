namespace SketchFlow.Imaging.Duplicates;

/// <summary>Relation of two images that show the same picture.</summary>
public enum TwinKind
{
    /// <summary>Equal pixels, however they are stored.</summary>
    Exact,

    /// <summary>Nearly equal pixels: compressed again, rescaled, or with another brightness or contrast.</summary>
    Near,

    /// <summary>Equal or nearly equal after one is mirrored from left to right.</summary>
    Mirrored,

    /// <summary>Equal or nearly equal after the levels of one are inverted, and perhaps mirrored.</summary>
    Inverted,

    /// <summary>The same strokes with another width, and perhaps with inverted levels or mirrored.</summary>
    Thickened,
}
