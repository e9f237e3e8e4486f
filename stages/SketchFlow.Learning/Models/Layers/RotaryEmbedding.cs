using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Rotates queries and keys, each (N, heads, tokens, head width), by their tokens' positions (rotary position embedding, Su et al. 2021).</summary>
public delegate (torch.Tensor Query, torch.Tensor Key) RotaryEmbedding(ForwardContext pass, torch.Tensor query, torch.Tensor key);
