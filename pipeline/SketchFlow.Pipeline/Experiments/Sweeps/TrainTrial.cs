namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Trains one trial.</summary>
/// <param name="trial">The trial.</param>
/// <param name="epoch">To be told each epoch, from 1, and the metric after it; answers why the trial ends here, or null.</param>
/// <param name="cancellation">Stops it; it then throws <see cref="OperationCanceledException"/>.</param>
public delegate void TrainTrial(Trial trial, Func<int, double, string?> epoch, CancellationToken cancellation);
