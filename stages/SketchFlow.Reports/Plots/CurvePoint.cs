namespace SketchFlow.Reports.Plots;

/// <summary>One epoch, as it is drawn.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Loss on training images, with smoothing.</param>
/// <param name="ValidationLoss">Loss on validation images.</param>
/// <param name="TrainAccuracy">In [0, 1].</param>
/// <param name="ValidationAccuracy">In [0, 1].</param>
public sealed record CurvePoint(int Epoch, double TrainLoss, double ValidationLoss, double TrainAccuracy, double ValidationAccuracy);
