using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>What is known about a model in 8 bits.</summary>
/// <param name="CalibrationImages">Number of images that gave the ranges.</param>
/// <param name="Accuracy">Its accuracy; null if it was not measured.</param>
/// <param name="Speeds">Its speed at several batch sizes on the processor that exported it.</param>
/// <param name="Processor">Instructions of that processor for products of 8-bit numbers.</param>
/// <param name="Notes">Why the accuracy was not measured, and differences of the data set from the time of training, in whole sentences.</param>
public sealed record QuantizationReport(
    int CalibrationImages, QuantizedAccuracy? Accuracy, ImmutableArray<SpeedComparison> Speeds, string Processor, ImmutableArray<string> Notes);
