namespace SketchFlow.Pipeline.Jobs;

/// <summary>The library that computes logits.</summary>
public enum InferenceEngine
{
    /// <summary>libtorch, which also trains.</summary>
    Torch,

    /// <summary>ONNX Runtime, on the exported graph of the network.</summary>
    Onnx,
}
