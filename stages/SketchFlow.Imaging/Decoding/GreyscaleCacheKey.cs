namespace SketchFlow.Imaging.Decoding;

/// <summary>Identifies a file's content without reading it, at one decoding scale.</summary>
internal readonly record struct GreyscaleCacheKey(long Length, long ChangedTicks, int Scale);
