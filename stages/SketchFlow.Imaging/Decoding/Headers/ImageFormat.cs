namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Image formats, recognised by the first bytes of a file.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    Bmp,
    Gif,
    WebP,
    Tiff,
}
