namespace SketchFlow.Pipeline.Runs;

/// <summary>The state of early stopping, as a resume file keeps it.</summary>
/// <param name="Mark">The score that the next epoch must exceed by <c>stopping.delta</c> to count as an improvement.</param>
/// <param name="Waited">Number of epochs since the last improvement.</param>
/// <param name="Best">Number of the best epoch, from 1; 0 before the first.</param>
/// <param name="Highest">The highest accuracy so far.</param>
public sealed record EarlyStoppingState(double Mark, int Waited, int Best, double Highest);
