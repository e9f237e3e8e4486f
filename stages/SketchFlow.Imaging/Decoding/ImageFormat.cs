namespace SketchFlow.Imaging.Decoding;

/// <summary>The image formats that are told apart by their first bytes.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    Bmp,
    Gif,
    WebP,
    Tiff,
}
