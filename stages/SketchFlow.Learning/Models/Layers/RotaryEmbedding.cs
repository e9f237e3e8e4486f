using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Turns queries and keys, each (N, heads, tokens, head width), by the places of their tokens (rotary position embedding, Su et al. 2021).</summary>
public delegate (torch.Tensor Query, torch.Tensor Key) RotaryEmbedding(ForwardContext pass, torch.Tensor query, torch.Tensor key);
