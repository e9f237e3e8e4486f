using System.Collections.Immutable;

namespace SketchFlow.Onnx.Graphs;

/// <summary>Facts in an ONNX file besides its graph.</summary>
public sealed record OnnxModelHeader
{
    /// <summary>Version of the operators.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Name of the program that wrote the file.</summary>
    public string Producer { get; init; } = "SketchFlow";

    /// <summary>Version of the program.</summary>
    public string ProducerVersion { get; init; } = typeof(OnnxModelHeader).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Names and values for readers of the model.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
