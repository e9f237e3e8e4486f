using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Rotates queries and keys, each (N, heads, tokens, head width), by their tokens' positions (rotary position embedding, Su et al. 2021).</summary>
public delegate (Value Query, Value Key) RotaryEmbedding(ForwardContext pass, Value query, Value key);
