namespace SketchFlow.Imaging.Resizing;

/// <summary>Interpolation of resized images.</summary>
public enum Interpolation
{
    /// <summary>Area averages where the image shrinks, <see cref="Upsampling"/> where it grows: the fastest, and it keeps thin lines.</summary>
    Area,

    /// <summary>Pillow's bilinear filter, antialiased: the bytes that torchvision gives for PIL images.</summary>
    Bilinear,

    /// <summary>Pillow's bicubic filter (a = -0.5), antialiased: used to evaluate most of timm's models.</summary>
    Bicubic,

    /// <summary>Pillow's Lanczos filter with three lobes, antialiased.</summary>
    Lanczos,
}
