namespace SketchFlow.Learning.Models;

/// <summary>Where a tensor stands in a model's list.</summary>
/// <param name="Index">Index into <see cref="Architecture.Tensors"/>.</param>
public readonly record struct TensorSlot(int Index);
