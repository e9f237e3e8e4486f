namespace SketchFlow.Learning.Weights.Torch;

/// <summary>Bytes of a PyTorch storage in a file.</summary>
/// <param name="Dtype">safetensors' name of its elements' type.</param>
/// <param name="ElementSize">Bytes of an element.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Count">Its elements.</param>
internal sealed record TorchStorage(string Dtype, int ElementSize, long Offset, long Count);
