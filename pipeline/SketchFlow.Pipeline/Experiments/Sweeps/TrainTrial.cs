namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Trains one trial.</summary>
/// <param name="trial">The trial.</param>
/// <param name="onEpoch">To be called after each epoch with its number, from 1, and the metric; returns the reason to stop the trial, or null.</param>
/// <param name="cancellation">Stops the training with an <see cref="OperationCanceledException"/>.</param>
public delegate void TrainTrial(Trial trial, Func<int, double, string?> onEpoch, CancellationToken cancellation);
