namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>The result of trying one batch size.</summary>
/// <param name="BatchSize">Number of images per batch.</param>
/// <param name="PeakBytes">Peak resident memory of the process during the steps; null on a GPU, for which it is not measured.</param>
/// <param name="ImagesPerSecond">Images per second in the second step.</param>
/// <param name="Fits">Whether memory was sufficient.</param>
public readonly record struct BatchSizeTrial(int BatchSize, long? PeakBytes, double ImagesPerSecond, bool Fits);
