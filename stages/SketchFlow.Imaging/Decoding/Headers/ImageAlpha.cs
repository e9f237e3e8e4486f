namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Transparency of stored pixels.</summary>
internal enum ImageAlpha
{
    /// <summary>All pixels are opaque.</summary>
    None,

    /// <summary>An opacity per pixel, apart from its colour.</summary>
    Straight,

    /// <summary>An opacity per pixel, by which its colour is already multiplied.</summary>
    Premultiplied,

    /// <summary>One colour or palette entries are transparent.</summary>
    Key,

    /// <summary>One more sample per pixel that is no opacity.</summary>
    Unused,
}
