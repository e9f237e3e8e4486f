using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Accuracy of a model in float32 and in 8 bits on the same images.</summary>
/// <param name="Rows">Number of images.</param>
/// <param name="Float32">Accuracy in float32, in [0, 1].</param>
/// <param name="Int8">Accuracy in 8 bits, in [0, 1].</param>
/// <param name="Loss">Accuracy in float32 minus that in 8 bits, with the 95 % interval of the paired difference.</param>
/// <param name="Model">Title of the model that was measured: of a refit, the run that estimates it.</param>
public sealed record QuantizedAccuracy(int Rows, double Float32, double Int8, Interval Loss, string Model)
{
    /// <summary>Whether the interval is above the largest loss that is accepted.</summary>
    public bool IsTooLow => Loss.Low > QuantizationOptions.LargestLoss;
}
