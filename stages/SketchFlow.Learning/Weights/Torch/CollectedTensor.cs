namespace SketchFlow.Learning.Weights.Torch;

/// <summary>A tensor found in the dictionaries of a checkpoint.</summary>
/// <param name="Name">Path of dictionary keys, joined by dots.</param>
/// <param name="Container">Path of the dictionary that contains it.</param>
/// <param name="Tensor">The tensor.</param>
internal sealed record CollectedTensor(string Name, string Container, TorchTensor Tensor);
