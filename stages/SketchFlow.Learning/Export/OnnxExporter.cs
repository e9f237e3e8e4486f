using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Export;

/// <summary>Writes a model as ONNX from its recorded forward pass.</summary>
/// <remarks>
/// The number of images is not fixed. Inputs are <c>images</c>; outputs are <c>logits</c> and <c>probabilities</c>, (N, classes) each. Mean and
/// standard deviation are part of the model.
/// </remarks>
public static class OnnxExporter
{
    // A prime that divides no size of any model, so that every size that is a multiple of it depends on the number of images.
    private const int RecordedImages = 10_007;

    // Protobuf's limit is 2 GiB; the graph itself needs some of it.
    private const long LargestFile = 2_000_000_000;

    /// <summary>Writes a model.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="weights">Tensors of the model, float32, in order.</param>
    /// <param name="options">Settings of the exported model.</param>
    /// <returns>Bytes of the ONNX file.</returns>
    /// <exception cref="RefusalException">The weights are too large for one file.</exception>
    /// <exception cref="NotSupportedException">The model has an operation that the exporter does not know.</exception>
    public static byte[] Export(Architecture architecture, IReadOnlyList<torch.Tensor> weights, OnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        var size = 4 * architecture.Tensors.Sum(tensor => tensor.Count);
        if (size > LargestFile)
        {
            throw new RefusalException($"{architecture.Name} has {size / 1e9:0.0} GB of weights, and an ONNX file holds up to 2 GB; export a smaller one.");
        }

        using var recorded = architecture.Record(RecordedImages);
        using var constants = new ConstantValues(recorded, weights, RecordedImages);
        var graph = new OnnxGraph(architecture.Name);
        var images = AddImages(graph, architecture, options);
        var emitter = new OnnxEmitter(graph, recorded, constants, images, RecordedImages);
        emitter.Emit();
        AddOutputs(graph, emitter.NameOf(recorded.Output), recorded.Output.Shape[^1], options);
        var version = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "";
        return graph.ToModel(options.Opset, ("SketchFlow", version), options.Metadata);
    }

    /// <summary>Writes a loaded model.</summary>
    /// <inheritdoc cref="Export(Architecture, IReadOnlyList{torch.Tensor}, OnnxOptions)"/>
    public static byte[] Export(FlatModel model, OnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Export(model.Architecture, model.Weights, options);
    }

    private static string AddImages(OnnxGraph graph, Architecture architecture, OnnxOptions options)
    {
        long side = architecture.InputSize;
        var (mean, deviation) = (architecture.Preprocessing.Mean, architecture.Preprocessing.Std);
        var bytes = options.Input == OnnxInput.Bytes;
        var range = bytes ? 255.0 : 1.0;
        long[] perChannel = bytes ? [1, 1, 1, 3] : [1, 3, 1, 1];
        var scale = graph.AddTensor("scale", [.. deviation.Select(d => (float)(1 / (range * d)))], perChannel);
        var shift = graph.AddTensor("shift", [.. mean.Zip(deviation, (m, d) => (float)(-m / d))], perChannel);
        if (!bytes)
        {
            var floats = graph.AddInput("images", OnnxType.Float32, -1, 3, side, side);
            return graph.AddNode("Add", [graph.AddNode("Mul", [floats, scale]), shift]);
        }

        var pixels = graph.AddInput("images", OnnxType.UInt8, -1, side, side, 3);
        var wide = graph.AddNode("Cast", [pixels], [("to", (long)OnnxType.Float32)]);
        var normal = graph.AddNode("Add", [graph.AddNode("Mul", [wide, scale]), shift]);
        return graph.AddNode("Transpose", [normal], [("perm", new long[] { 0, 3, 1, 2 })]);
    }

    private static void AddOutputs(OnnxGraph graph, string result, long classes, OnnxOptions options)
    {
        var logits = graph.AddNode("Identity", [result], output: "logits");
        var calibrated = options.Temperature == 1 ? logits : graph.AddNode("Div", [logits, graph.AddNumber(options.Temperature)]);
        graph.AddNode("Softmax", [calibrated], [("axis", -1L)], "probabilities");
        graph.AddOutput("logits", OnnxType.Float32, -1, classes);
        graph.AddOutput("probabilities", OnnxType.Float32, -1, classes);
    }
}
