namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The position of a PyTorch storage in a file.</summary>
/// <param name="Dtype">Element type by its safetensors name.</param>
/// <param name="ElementSize">Number of bytes per element.</param>
/// <param name="Offset">Position of the first byte in the file.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStorage(string Dtype, int ElementSize, long Offset, long Count);
