namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>One step of the learning rate range test.</summary>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Loss">The loss of the batch.</param>
/// <param name="Smoothed">Exponential moving average of the losses (decay 0.98, bias corrected).</param>
public readonly record struct LearningRatePoint(double LearningRate, double Loss, double Smoothed);
