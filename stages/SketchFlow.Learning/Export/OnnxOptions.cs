using System.Collections.Immutable;

namespace SketchFlow.Learning.Export;

/// <summary>Settings of an exported model.</summary>
public sealed record OnnxOptions
{
    /// <summary>Version of the ONNX operators.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Form of the images.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Bytes;

    /// <summary>Temperature by which logits are divided before the softmax of the output <c>probabilities</c>.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Names and values that the model carries.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
