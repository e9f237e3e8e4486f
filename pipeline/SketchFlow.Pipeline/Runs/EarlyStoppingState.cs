namespace SketchFlow.Pipeline.Runs;

/// <summary>Where early stopping is.</summary>
/// <param name="Mark">The score that the next must beat by delta.</param>
/// <param name="Waited">Epochs without.</param>
/// <param name="Best">Number of the best epoch, from 1; 0 before the first.</param>
/// <param name="Highest">The highest accuracy so far.</param>
public sealed record EarlyStoppingState(double Mark, int Waited, int Best, double Highest);
