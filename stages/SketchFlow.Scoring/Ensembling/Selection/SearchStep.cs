namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>One step of a search: what came, what went, and the score after it.</summary>
/// <param name="Added">Position of the model that came, or -1.</param>
/// <param name="Removed">Position of the model that went, or -1.</param>
/// <param name="Score">Score after the step; more is better.</param>
public sealed record SearchStep(int Added, int Removed, double Score);
