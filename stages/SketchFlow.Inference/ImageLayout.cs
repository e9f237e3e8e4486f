namespace SketchFlow.Inference;

/// <summary>The form in which a model takes images.</summary>
public enum ImageLayout
{
    /// <summary>8-bit red, green and blue, 0 to 255: (N, H, W, 3).</summary>
    Bytes,

    /// <summary>float32 red, green and blue, 0 to 1: (N, 3, H, W).</summary>
    Floats,
}
