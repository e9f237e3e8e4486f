using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Onnx.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Export;

/// <summary>Translates the operations that depend on the images to ONNX nodes.</summary>
internal sealed partial class OnnxEmitter
{
    // Smaller weights, such as biases, are not worth a conversion.
    private const long SmallestHalf = 1024;

    private readonly OnnxGraph _graph;
    private readonly Graph _recorded;
    private readonly ConstantValues _constants;
    private readonly string _images;
    private readonly OnnxNetworkOptions _options;
    private readonly long _batch;
    private readonly Dictionary<Node, string> _names = [];
    private readonly QuantizedNodes? _quantized;
    private string? _batchSize;

    /// <summary>Creates an emitter.</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="recorded">Recorded forward pass.</param>
    /// <param name="constants">Values that do not depend on the images.</param>
    /// <param name="images">Name of the normalised images.</param>
    /// <param name="options">Form of the written network.</param>
    /// <param name="batch">Number of images in the recorded batch.</param>
    public OnnxEmitter(OnnxGraph graph, Graph recorded, ConstantValues constants, string images, OnnxNetworkOptions options, long batch) =>
        (_graph, _recorded, _constants, _images, _options, _batch, _quantized) =
            (graph, recorded, constants, images, options, batch, options.Ranges is null ? null : new QuantizedNodes(recorded));

    /// <summary>Adds all nodes that the logits depend on.</summary>
    public void Emit()
    {
        var needed = Needed();
        foreach (var node in _recorded.Nodes)
        {
            if (needed.Contains(node) && _constants[node] is null)
            {
                var name = node.Operation is Operation.Input ? _images : Emit(node);
                _names.Add(node, _quantized?.IsEnd(node) == true ? Round(name, _options.Ranges![node]) : name);
            }
        }
    }

    /// <summary>Returns the name of a node's result; a constant is stored when it is first needed.</summary>
    public string NameOf(Node node)
    {
        if (!_names.TryGetValue(node, out var name))
        {
            name = node.Operation is Operation.Weight weight ? StoreWeight(weight.Name, _constants[node]!) : Store("constant", _constants[node]!);
            _names.Add(node, name);
        }

        return name;
    }

    private HashSet<Node> Needed()
    {
        var needed = new HashSet<Node> { _recorded.Output };
        foreach (var node in _recorded.Nodes.Reverse())
        {
            if (needed.Contains(node))
            {
                needed.UnionWith(node.Inputs);
            }
        }

        return needed;
    }

    private string Emit(Node node) => node.Operation switch
    {
        Operation.Convolution conv when _quantized?.IsProduct(node) == true => EmitQuantizedConvolution(node, conv),
        Operation.Linear when _quantized?.IsProduct(node) == true => EmitQuantizedLinear(node),
        Operation.BatchNorm when _quantized?.IsFolded(node) == true => Input(node, 0),
        Operation.Elementwise or Operation.LeakyRelu or Operation.Clamp or Operation.Binary or Operation.BinaryWithNumber
            or Operation.AddScaled or Operation.AddProduct => EmitElementwise(node),
        Operation.Mean or Operation.Variance or Operation.VectorNorm or Operation.UnitVector or Operation.Softmax => EmitReduction(node),
        Operation.BatchNorm or Operation.LayerNorm or Operation.GroupNorm or Operation.MaxPool2d or Operation.AveragePool2d => EmitNorm(node),
        { IsProduct: true } => EmitProduct(node),
        _ => EmitShape(node),
    };

    private string Add(string operation, params string[] inputs) => _graph.AddNode(operation, inputs);

    private string Add(string operation, string[] inputs, params (string Name, object Value)[] attributes) => _graph.AddNode(operation, inputs, attributes);

    private string Store(string name, torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        if (tensor.dtype == torch.ScalarType.Int64)
        {
            return _graph.AddVector(tensor.cpu().contiguous().data<long>().ToArray());
        }

        var plain = tensor.to(torch.ScalarType.Float32).cpu().contiguous();
        return _graph.AddTensor(name, plain.data<float>().ToArray(), plain.shape);
    }

    // Weights are most of a file: they are not copied where their memory has the order of the file.
    private string StoreWeight(string name, torch.Tensor tensor)
    {
        if (_options.Weights == OnnxWeights.Float16 && tensor.dim() >= 2 && tensor.numel() >= SmallestHalf)
        {
            using var scope = torch.NewDisposeScope();
            var half = tensor.to(torch.ScalarType.Float16).cpu().contiguous();
            if (half.isfinite().all().IsTrue())
            {
                return Add("Cast", [_graph.AddTensor(name, half.bytes.ToArray(), OnnxType.Float16, half.shape)], ("to", (long)OnnxType.Float32));
            }
        }

        return tensor.dtype == torch.ScalarType.Float32 && tensor.device_type == DeviceType.CPU && tensor.is_contiguous()
            ? _graph.AddTensor(name, new TensorBytes(tensor).Memory, OnnxType.Float32, tensor.shape)
            : Store(name, tensor);
    }

    private string Input(Node node, int index) => NameOf(node.Inputs[index]);

    private static NotSupportedException Unknown(Node node) => new($"The operation {node.Operation.GetType().Name} cannot be exported to ONNX.");
}
