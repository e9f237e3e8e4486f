using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models;

/// <summary>A layer as a function of the forward context and its input.</summary>
/// <param name="pass">Weights, mode and randomness.</param>
/// <param name="input">The input, usually (N, C, H, W) or (N, tokens, C).</param>
public delegate Value Layer(ForwardContext pass, Value input);
