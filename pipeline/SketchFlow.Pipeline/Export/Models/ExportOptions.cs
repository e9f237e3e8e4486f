using SketchFlow.Learning.Export;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>Settings of an export.</summary>
public sealed record ExportOptions
{
    /// <summary>Form of the images.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Bytes;

    /// <summary>Form of the written networks.</summary>
    public OnnxNetworkOptions Network { get; init; } = new();

    /// <summary>Whether the model takes decoded images of any size and resizes them itself.</summary>
    public bool Resize { get; init; }

    /// <summary>Whether the model has the output <c>embedding</c>.</summary>
    public bool Embedding { get; init; }

    /// <summary>Whether the weights are in a second file also where one file could hold them.</summary>
    public bool ExternalData { get; init; }

    /// <summary>Settings of a model that computes in 8 bits; null for one that computes in float32.</summary>
    public QuantizationOptions? Int8 { get; init; }
}
