namespace SketchFlow.Imaging.Resizing;

/// <summary>How an image of any shape becomes a square.</summary>
public enum ResizeMode
{
    /// <summary>Keeps the aspect ratio and everything in the picture; pads with paper.</summary>
    Letterbox,

    /// <summary>Stretches to the square.</summary>
    Stretch,

    /// <summary>Scales the shorter side and cuts the centre out, as timm evaluates.</summary>
    CentreCrop,
}
