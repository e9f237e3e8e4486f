namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>One searched setting.</summary>
/// <param name="Name">As the file calls it; nested ones with dots between.</param>
/// <param name="Key">The recipe's key; <see cref="SweepNames.Model"/> stands for <c>--model</c>.</param>
/// <param name="Distribution">Its values.</param>
public sealed record SweepParameter(string Name, string Key, Distribution Distribution);
