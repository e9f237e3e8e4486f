namespace SketchFlow.Reports.Plots;

/// <summary>Loss and accuracy of one epoch.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="TrainLoss">Loss on the training images, with label smoothing.</param>
/// <param name="ValidationLoss">Loss on the validation images.</param>
/// <param name="TrainAccuracy">Training accuracy in [0, 1].</param>
/// <param name="ValidationAccuracy">Validation accuracy in [0, 1].</param>
public sealed record CurvePoint(int Epoch, double TrainLoss, double ValidationLoss, double TrainAccuracy, double ValidationAccuracy);
