namespace SketchFlow.Pipeline.Training;

/// <summary>One training step.</summary>
/// <param name="Step">From 0 over the whole run.</param>
/// <param name="Loss">Mean loss of the batch; NaN or infinite where the step was skipped for it.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="GradientNorm">Before clipping.</param>
public readonly record struct StepRow(long Step, double Loss, double LearningRate, double GradientNorm);
