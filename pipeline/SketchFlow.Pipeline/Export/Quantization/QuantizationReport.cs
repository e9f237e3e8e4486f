using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Ranges, accuracy and speed of a model in 8 bits.</summary>
/// <param name="CalibrationImages">Number of images that gave the ranges.</param>
/// <param name="Accuracy">Accuracy on validation images; null if it was not measured.</param>
/// <param name="Speeds">Speed at several batch sizes on the CPU that exported it.</param>
/// <param name="CpuInstructions">Instructions of that CPU for products of 8-bit numbers.</param>
/// <param name="Notes">Why the accuracy was not measured, and differences of the data set from the time of training, in whole sentences.</param>
public sealed record QuantizationReport(
    int CalibrationImages, QuantizedAccuracy? Accuracy, ImmutableArray<SpeedComparison> Speeds, string CpuInstructions, ImmutableArray<string> Notes);
