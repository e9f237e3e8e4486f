namespace SketchFlow.Onnx.Graphs;

/// <summary>The second file of a model, which holds its large tensors (https://onnx.ai/onnx/repo-docs/ExternalData.html).</summary>
/// <param name="Location">Name of the file, relative to the folder of the model.</param>
/// <param name="Stream">Receives the tensors.</param>
public sealed record OnnxExternalData(string Location, Stream Stream)
{
    // Tensors start at the boundaries of pages, so that a reader can map them into memory.
    private const long Alignment = 4096;

    /// <summary>Writes a tensor and returns where it starts.</summary>
    internal long Append(ReadOnlySpan<byte> bytes)
    {
        var padding = (Alignment - (Stream.Position % Alignment)) % Alignment;
        Stream.Write(new byte[padding]);
        var start = Stream.Position;
        Stream.Write(bytes);
        return start;
    }
}
