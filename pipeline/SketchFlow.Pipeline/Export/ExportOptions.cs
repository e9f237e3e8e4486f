using SketchFlow.Learning.Export;

namespace SketchFlow.Pipeline.Export;

/// <summary>Settings of an export.</summary>
public sealed record ExportOptions
{
    /// <summary>Form of the images.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Bytes;

    /// <summary>Form of the written networks.</summary>
    public OnnxNetworkOptions Network { get; init; } = new();

    /// <summary>Whether the model has the output <c>embedding</c>.</summary>
    public bool Embedding { get; init; }

    /// <summary>Whether the weights are in a second file also where one file could hold them.</summary>
    public bool ExternalData { get; init; }
}
