namespace SketchFlow.Imaging.Resizing;

/// <summary>Interpolation where an image grows.</summary>
public enum Upsampling
{
    /// <summary>Bilinear: 4 neighbours.</summary>
    Linear,

    /// <summary>Bicubic (a = -0.75): 16 neighbours, sharper, about three times the time.</summary>
    Cubic,
}
