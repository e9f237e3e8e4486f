namespace SketchFlow.Learning.Inference;

/// <summary>Which part of an image that is larger than the model's input is looked at.</summary>
public enum CropPosition
{
    /// <summary>All of it: the image is as large as the input.</summary>
    Whole,

    /// <summary>The middle.</summary>
    Centre,

    /// <summary>The corner at the top on the left.</summary>
    TopLeft,

    /// <summary>The corner at the top on the right.</summary>
    TopRight,

    /// <summary>The corner at the bottom on the left.</summary>
    BottomLeft,

    /// <summary>The corner at the bottom on the right.</summary>
    BottomRight,
}
