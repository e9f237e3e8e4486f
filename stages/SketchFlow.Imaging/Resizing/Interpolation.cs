namespace SketchFlow.Imaging.Resizing;

/// <summary>How pixels are made where the size changes.</summary>
public enum Interpolation
{
    /// <summary>Averages areas where the image shrinks and takes <see cref="Upsampling"/> where it grows: the fastest, and kind to thin lines.</summary>
    Area,

    /// <summary>Pillow's bilinear filter, antialiased: the bytes that torchvision gives for PIL images.</summary>
    Bilinear,

    /// <summary>Pillow's bicubic filter (a = -0.5), antialiased: what most of timm's models are evaluated with.</summary>
    Bicubic,

    /// <summary>Pillow's Lanczos filter of three lobes, antialiased.</summary>
    Lanczos,
}
