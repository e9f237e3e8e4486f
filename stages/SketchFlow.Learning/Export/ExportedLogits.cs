using SketchFlow.Learning.Models;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using TorchSharp;

namespace SketchFlow.Learning.Export;

/// <summary>Computes logits by exporting a network to a temporary file and running it with ONNX Runtime.</summary>
/// <param name="opset">Version of the operators.</param>
public sealed class ExportedLogits(int opset)
{
    private const string Input = "images";
    private const string Output = "logits";

    /// <summary>Size of the last exported network in bytes, with its external data.</summary>
    public long Bytes { get; private set; }

    /// <summary>Computes the logits.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="weights">Tensors of the network in order, float32, on the CPU.</param>
    /// <param name="images">Normalised images (N, 3, H, W).</param>
    /// <returns>N × classes float32 numbers.</returns>
    internal float[] Compute(Architecture architecture, IReadOnlyList<torch.Tensor> weights, torch.Tensor images)
    {
        // The images are normalised already.
        var plain = architecture with { Preprocessing = architecture.Preprocessing with { Mean = [0, 0, 0], Std = [1, 1, 1] } };
        (var session, Bytes) = OnnxSession.Load(BuildGraph(plain, weights), new OnnxModelHeader { Opset = opset });
        using (session)
        {
            return session.Run(Input, images.contiguous().data<float>().ToArray(), images.shape, Output);
        }
    }

    private OnnxGraph BuildGraph(Architecture architecture, IReadOnlyList<torch.Tensor> weights)
    {
        var graph = new OnnxGraph(architecture.Name);
        var input = OnnxExporter.AddImages(graph, Input, OnnxInput.Floats, architecture.InputSize);
        var outputs = OnnxExporter.AddNetwork(graph, architecture, weights, input, new OnnxNetworkOptions { Opset = opset });
        graph.AddNode("Identity", [outputs.Logits], output: Output);
        graph.AddOutput(Output, OnnxType.Float32, -1, architecture.Options.Classes);
        return graph;
    }
}
