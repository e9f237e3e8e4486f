namespace SketchFlow.Learning.Models;

/// <summary>Position of a tensor in a model's list of tensors.</summary>
/// <param name="Index">Index into <see cref="Architecture.Tensors"/>.</param>
public readonly record struct TensorSlot(int Index);
