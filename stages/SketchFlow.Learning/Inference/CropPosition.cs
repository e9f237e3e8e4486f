namespace SketchFlow.Learning.Inference;

/// <summary>Part that is cropped from an image larger than the model's input.</summary>
public enum CropPosition
{
    /// <summary>The whole image, which is as large as the input.</summary>
    Whole,

    /// <summary>The centre.</summary>
    Centre,

    /// <summary>The top left corner.</summary>
    TopLeft,

    /// <summary>The top right corner.</summary>
    TopRight,

    /// <summary>The bottom left corner.</summary>
    BottomLeft,

    /// <summary>The bottom right corner.</summary>
    BottomRight,
}
