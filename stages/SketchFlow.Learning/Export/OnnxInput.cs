namespace SketchFlow.Learning.Export;

/// <summary>Form of the images that an exported model takes.</summary>
public enum OnnxInput
{
    /// <summary>8-bit red, green and blue, (N, H, W, 3).</summary>
    Bytes,

    /// <summary>Red, green and blue from 0 to 1 in float32, (N, 3, H, W).</summary>
    Floats,
}
