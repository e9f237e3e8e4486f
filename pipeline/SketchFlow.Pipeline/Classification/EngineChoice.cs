namespace SketchFlow.Pipeline.Classification;

/// <summary>The library that classifies new images.</summary>
public enum EngineChoice
{
    /// <summary>libtorch, on a CPU or a GPU.</summary>
    Torch,

    /// <summary>ONNX Runtime, on the exported graph of the networks.</summary>
    Onnx,

    /// <summary>The faster of both for the model, the batch size and the CPU; measured once.</summary>
    Auto,
}
