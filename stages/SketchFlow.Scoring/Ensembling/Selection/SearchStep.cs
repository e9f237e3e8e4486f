namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>One step of a search: the added and removed model and the score afterwards.</summary>
/// <param name="Added">Position of the added model, or -1.</param>
/// <param name="Removed">Position of the removed model, or -1.</param>
/// <param name="Score">Score after the step; higher is better.</param>
public sealed record SearchStep(int Added, int Removed, double Score);
