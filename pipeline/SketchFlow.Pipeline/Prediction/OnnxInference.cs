using SketchFlow.Data.Images;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export.Graphs;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Computes logits with ONNX Runtime on the CPU, in float32.</summary>
internal sealed class OnnxInference : IBatchInference
{
    private readonly OnnxSession _session;
    private readonly int _views;

    /// <summary>Exports the network and loads it.</summary>
    /// <param name="model">The network, on the CPU; the caller keeps ownership.</param>
    /// <param name="side">Height and width of the prepared images.</param>
    /// <param name="views">Views of each image.</param>
    public OnnxInference(FlatModel model, int side, IReadOnlyList<TtaView> views)
    {
        _views = views.Count;
        var (graph, options) = (new OnnxGraph(model.Architecture.Name), new OnnxNetworkOptions());
        var images = OnnxExporter.AddImages(graph, ExportedModelDescription.Images, OnnxInput.Bytes, side);
        var seen = new ViewNodes(graph, options.Opset).Add(images, side, model.Architecture.InputSize, [.. views]);
        graph.AddNode("Identity", [OnnxExporter.AddNetwork(graph, model, seen, options).Logits], output: ExportedModelDescription.Logits);
        graph.AddOutput(ExportedModelDescription.Logits, OnnxType.Float32, -1, model.Architecture.Options.Classes);
        (_session, _) = OnnxSession.Load(graph, new OnnxModelHeader { Opset = options.Opset }, ComputeThreads.Count);
    }

    /// <summary>Name and version in the metadata of tables.</summary>
    public static string Title => $"onnxruntime {OnnxSession.RuntimeVersion}";

    /// <inheritdoc/>
    public float[][] Logits(PixelBatch batch)
    {
        // The views of all images follow each other, view by view.
        var logits = _session.Run(ModelImages.ToInputs([batch], ImageLayout.Bytes), [ExportedModelDescription.Logits])[0];
        return [.. logits.Chunk(logits.Length / _views)];
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
