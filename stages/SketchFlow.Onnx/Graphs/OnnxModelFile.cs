namespace SketchFlow.Onnx.Graphs;

/// <summary>Writes graphs to files, with a second file for the weights where one cannot hold them.</summary>
public static class OnnxModelFile
{
    // Protobuf's limit is 2 GiB; the graph itself needs some of it.
    private const long LargestFile = 2_000_000_000;

    /// <summary>Returns the path of the second file.</summary>
    public static string DataOf(string file) => $"{file}.data";

    /// <summary>Writes a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="file">The file; it is replaced if it exists.</param>
    /// <param name="header">Facts besides the graph.</param>
    /// <param name="hasExternalData">Whether the weights are in a second file also where one file could hold them.</param>
    public static void Write(OnnxGraph graph, string file, OnnxModelHeader header, bool hasExternalData = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        using var stream = File.Create(file);
        if (!hasExternalData && graph.TensorBytes <= LargestFile)
        {
            graph.Write(stream, header);
            return;
        }

        using var data = File.Create(DataOf(file));
        graph.Write(stream, header, new OnnxExternalData(Path.GetFileName(DataOf(file)), data));
    }
}
