using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export.Graphs;

namespace SketchFlow.Pipeline.Export;

/// <summary>Compares the preparation inside of a graph with <see cref="PadResize"/>, pixel by pixel.</summary>
internal static class ResizeCheck
{
    private const int Levels = 255;

    /// <summary>Prepares images both ways.</summary>
    /// <param name="sizes">The sizes and treatments of the aspect ratio.</param>
    /// <param name="expected">Batches of resized images.</param>
    /// <param name="decoded">The same images before the resize.</param>
    /// <param name="opset">Version of the operators.</param>
    public static ResizeReport Compare(
        IReadOnlyList<PadResizeOptions> sizes, IEnumerable<PreparedBatch> expected, IEnumerable<PreparedBatch> decoded, int opset)
    {
        var graph = new OnnxGraph("resize");
        var nodes = new ResizeNodes(graph);
        for (var i = 0; i < sizes.Count; i++)
        {
            graph.AddNode("Identity", [nodes.Add(sizes[i])], output: OutputName(i));
            graph.AddOutput(OutputName(i), OnnxType.Float32, -1, 3, sizes[i].Side, sizes[i].Side);
        }

        using var model = new MemoryStream();
        graph.Write(model, new OnnxModelHeader { Opset = opset });
        using var session = new OnnxSession(model.ToArray());
        var (levels, differing, largest) = (0L, 0L, 0);
        foreach (var (own, whole) in expected.Zip(decoded))
        {
            for (var i = 0; i < sizes.Count; i++)
            {
                var found = ModelImages.Run(session, whole, ImageLayout.Bytes, OutputName(i));
                foreach (var (a, b) in ModelImages.ToFloats(own.Sizes[i]).Zip(found))
                {
                    var difference = (int)MathF.Round(Levels * Math.Abs(a - b));
                    differing += difference > 0 ? 1 : 0;
                    largest = Math.Max(largest, difference);
                    levels++;
                }
            }
        }

        return new ResizeReport((double)differing / levels, largest);
    }

    private static string OutputName(int size) => ExportedModelDescription.InputName(size) + "_resized";
}
