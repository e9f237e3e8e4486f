namespace SketchFlow.Imaging.Decoding;

/// <summary>How image files become pixels.</summary>
public sealed record DecodeOptions
{
    /// <summary>Largest image decoded, in pixels; a header that announces more is rejected before anything is allocated.</summary>
    public long MaxPixels { get; init; } = 64_000_000;

    /// <summary>Largest file read, in bytes.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Decodes JPEGs at 1/2, 1/4 or 1/8 where that still leaves the longest side at <see cref="TargetSide"/> or more.
    /// Nearly twice as fast, with slightly other pixels: for training; off for prediction.
    /// </summary>
    public bool ReducedDecoding { get; init; }

    /// <summary>The side, in pixels, to which the image will be resized; read by <see cref="ReducedDecoding"/> only.</summary>
    public int TargetSide { get; init; } = 224;

    /// <summary>
    /// Remembers (path, length, time of change) of colour JPEGs whose pixels were all grey, and decodes them straight to one
    /// channel the next time: the same bytes in three quarters of the time. About 200 bytes of memory a file.
    /// </summary>
    public bool RememberGrey { get; init; } = true;
}
