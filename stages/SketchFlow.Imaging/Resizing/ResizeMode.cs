namespace SketchFlow.Imaging.Resizing;

/// <summary>Ways to make a square from an image of any shape.</summary>
public enum ResizeMode
{
    /// <summary>Keeps the aspect ratio and the whole image; pads with the fill level.</summary>
    Letterbox,

    /// <summary>Resizes to the square and ignores the aspect ratio.</summary>
    Stretch,

    /// <summary>Scales the shorter side and crops the centre, timm's evaluation transform.</summary>
    CentreCrop,
}
