namespace SketchFlow.Imaging.Decoding;

/// <summary>Options for decoding image files.</summary>
public sealed record DecodeOptions
{
    /// <summary>Largest number of pixels; a file whose header declares more is rejected before anything is allocated.</summary>
    public long MaxPixels { get; init; } = 64_000_000;

    /// <summary>Largest file size, bytes.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Decodes JPEGs at 1/2, 1/4 or 1/8 of their size where the longest side remains at least <see cref="TargetSide"/>. Nearly twice as fast, with
    /// slightly different pixels: used for training, off for prediction.
    /// </summary>
    public bool ReducedDecoding { get; init; }

    /// <summary>Side to which the image will be resized, pixels; used only by <see cref="ReducedDecoding"/>.</summary>
    public int TargetSide { get; init; } = 224;

    /// <summary>
    /// Remembers (path, length, modification time) of colour JPEGs whose pixels were all grey and decodes them directly to one channel the next time:
    /// the same bytes in three quarters of the time. About 200 bytes of memory for each such file.
    /// </summary>
    public bool RememberGrey { get; init; } = true;
}
