namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Coding of the samples of an image.</summary>
internal enum ImageCoding
{
    /// <summary>Uncompressed.</summary>
    Raw,

    /// <summary>Uncompressed words whose channels are given by bit masks (BMP).</summary>
    Masks,

    /// <summary>Runs of equal indices (BMP).</summary>
    RunLength,

    /// <summary>Runs of equal bytes (TIFF).</summary>
    PackBits,

    /// <summary>Lempel, Ziv and Welch's codes (GIF, TIFF).</summary>
    Lzw,

    /// <summary>zlib (PNG, TIFF).</summary>
    Deflate,

    /// <summary>Fax codes, groups 3 and 4 (TIFF).</summary>
    Ccitt,

    /// <summary>Sequential or progressive JPEG, alone or within a TIFF.</summary>
    Jpeg,

    /// <summary>Lossy WebP.</summary>
    Vp8,

    /// <summary>Lossless WebP.</summary>
    Vp8L,
}
