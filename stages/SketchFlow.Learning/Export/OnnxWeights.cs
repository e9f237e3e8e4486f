namespace SketchFlow.Learning.Export;

/// <summary>Type in which an exported model stores its weights. It computes in float32 in any case.</summary>
public enum OnnxWeights
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point, converted to 32 bits when the model is loaded: half the file, the same speed.</summary>
    Float16,
}
