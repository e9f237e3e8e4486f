using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Computes biases for the products of queries and keys, of a shape that broadcasts to (N, heads, queries, keys).</summary>
/// <param name="pass">Weights, mode and randomness.</param>
/// <param name="query">Queries (N, heads, tokens, head width).</param>
public delegate Value AttentionBias(ForwardContext pass, Value query);
