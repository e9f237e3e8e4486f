using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Export;

/// <summary>Adds networks to an ONNX graph, from their recorded forward passes.</summary>
public static class OnnxExporter
{
    // A prime that divides no size of any model, so that every size that is a multiple of it depends on the number of images.
    private const int RecordedImages = 10_007;

    /// <summary>Declares an input of images and normalises them.</summary>
    /// <param name="graph">Receives the input and the nodes.</param>
    /// <param name="name">Name of the input.</param>
    /// <param name="form">Form of the images.</param>
    /// <param name="side">Height and width of the images.</param>
    /// <returns>Name of the images from 0 to 1 as float32 (N, 3, H, W).</returns>
    public static string AddImages(OnnxGraph graph, string name, OnnxInput form, long side)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (form == OnnxInput.Floats)
        {
            return graph.AddInput(name, OnnxType.Float32, -1, 3, side, side);
        }

        var pixels = graph.AddInput(name, OnnxType.UInt8, -1, side, side, 3);
        var wide = graph.AddNode("Cast", [pixels], [("to", (long)OnnxType.Float32)]);
        var unit = graph.AddNode("Div", [wide, graph.AddNumber(255)]);
        return graph.AddNode("Transpose", [unit], [("perm", new long[] { 0, 3, 1, 2 })]);
    }

    /// <summary>Adds a network.</summary>
    /// <param name="graph">Receives the nodes and the weights. It refers to the memory of <paramref name="weights"/> until it is written.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="weights">Tensors of the network on the CPU, float32, in order.</param>
    /// <param name="images">Name of the images from 0 to 1, float32, (N, 3, H, W); they are normalised here.</param>
    /// <param name="options">Form of the written network.</param>
    /// <exception cref="NotSupportedException">The network has an operation that the exporter does not know.</exception>
    public static OnnxNetworkOutputs AddNetwork(
        OnnxGraph graph, Architecture architecture, IReadOnlyList<torch.Tensor> weights, string images, OnnxNetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        using var recorded = architecture.Record(RecordedImages);
        using var constants = new ConstantValues(recorded, weights, RecordedImages);
        var normal = Normalize(graph, architecture.Preprocessing, images);
        var emitter = new OnnxEmitter(graph, recorded, constants, normal, options, RecordedImages);
        emitter.Emit();
        var pooled = Pooled(recorded, architecture);
        var embedding = emitter.NameOf(pooled);
        return new OnnxNetworkOutputs(
            emitter.NameOf(recorded.Output),
            pooled.Shape.Length == 2 ? embedding : graph.AddNode("Flatten", [embedding], [("axis", 1L)]),
            pooled.Shape.Skip(1).Aggregate(1L, (product, size) => product * size));
    }

    /// <summary>Adds a loaded network.</summary>
    /// <param name="graph">Receives the nodes and the weights. It refers to the memory of <paramref name="model"/> until it is written.</param>
    /// <param name="model">The network, on the CPU.</param>
    /// <param name="images">Name of the images from 0 to 1, float32, (N, 3, H, W); they are normalised here.</param>
    /// <param name="options">Form of the written network.</param>
    /// <exception cref="NotSupportedException">The network has an operation that the exporter does not know.</exception>
    public static OnnxNetworkOutputs AddNetwork(OnnxGraph graph, FlatModel model, string images, OnnxNetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        return AddNetwork(graph, model.Architecture, model.Weights, images, options);
    }

    private static string Normalize(OnnxGraph graph, Preprocessing preprocessing, string images)
    {
        var (mean, deviation) = (preprocessing.Mean, preprocessing.Std);
        var scale = graph.AddTensor("scale", [.. deviation.Select(d => (float)(1 / d))], 1, 3, 1, 1);
        var shift = graph.AddTensor("shift", [.. mean.Zip(deviation, (m, d) => (float)(-m / d))], 1, 3, 1, 1);
        return graph.AddNode("Add", [graph.AddNode("Mul", [images, scale]), shift]);
    }

    private static Node Pooled(Graph recorded, Architecture architecture) =>
        recorded.Layers.FirstOrDefault(l => l.Name == architecture.Classifier)?.Product?.Inputs[0]
            ?? throw new NotSupportedException($"{architecture.Name} has no layer {architecture.Classifier}.");
}
