namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>One step of the search.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="Loss">The batch's loss.</param>
/// <param name="Smoothed">Mean of the losses so far, the recent ones weighing most (0.98, bias corrected).</param>
public readonly record struct RatePoint(double LearningRate, double Loss, double Smoothed);
