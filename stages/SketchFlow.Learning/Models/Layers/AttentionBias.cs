using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Biases for the products of queries and keys, of a shape that spreads to (N, heads, queries, keys).</summary>
/// <param name="pass">Weights, mode and randomness.</param>
/// <param name="query">The queries, (N, heads, tokens, width of a head).</param>
public delegate torch.Tensor AttentionBias(ForwardContext pass, torch.Tensor query);
