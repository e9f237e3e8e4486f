namespace SketchFlow.Pipeline.Jobs;

/// <summary>The measurements of one training step.</summary>
/// <param name="Step">Number of the step within the run, from 0.</param>
/// <param name="Loss">Mean loss of the batch; NaN or infinite where the step was skipped for that reason.</param>
/// <param name="LearningRate">Learning rate of this step.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
public readonly record struct StepMetrics(long Step, double Loss, double LearningRate, double GradientNorm);
