using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export.Quantization;

namespace SketchFlow.Learning.Export;

/// <summary>Form of a written network.</summary>
public sealed record OnnxNetworkOptions
{
    /// <summary>Lowest version of the operators that a network needs.</summary>
    public const int LowestOpset = 17;

    /// <summary>Highest version of the operators that the exporter was tested with.</summary>
    public const int HighestOpset = 22;

    /// <summary>Version of the ONNX operators, from <see cref="LowestOpset"/> to <see cref="HighestOpset"/>.</summary>
    public int Opset { get; init; } = LowestOpset;

    /// <summary>Returns a version that the exporter was tested with.</summary>
    /// <param name="opset">The version that the user chose.</param>
    /// <exception cref="UsageException">The exporter was not tested with it.</exception>
    public static int CheckOpset(int opset) => opset is >= LowestOpset and <= HighestOpset
        ? opset
        : throw new UsageException($"--opset is {opset}, expected {LowestOpset} to {HighestOpset}.");

    /// <summary>Type of the stored weights.</summary>
    public OnnxWeights Weights { get; init; } = OnnxWeights.Float32;

    /// <summary>Ranges of the values inside a network that computes in 8 bits; null for one that computes in float32.</summary>
    public ActivationRanges? Ranges { get; init; }
}
