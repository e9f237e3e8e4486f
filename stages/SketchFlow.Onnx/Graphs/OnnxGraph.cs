using Google.Protobuf;
using Proto = global::Onnx;

namespace SketchFlow.Onnx.Graphs;

/// <summary>
/// Builds an ONNX graph node by node. Values are named by strings, as in the format (https://onnx.ai/onnx/repo-docs/IR.html).
/// </summary>
public sealed class OnnxGraph
{
    // IR version 8 belongs to opset 17 and is the lowest that has what is written here.
    private const long IrVersion = 8;

    private readonly Proto.GraphProto _graph = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _vectors = new(StringComparer.Ordinal);

    /// <summary>Creates an empty graph.</summary>
    /// <param name="name">Name of the graph.</param>
    public OnnxGraph(string name) => _graph.Name = name;

    /// <summary>Declares an input.</summary>
    /// <param name="name">Name of the value.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Number of elements along each dimension; -1 is the batch.</param>
    public string AddInput(string name, OnnxType type, params ReadOnlySpan<long> shape)
    {
        _graph.Input.Add(Describe(Reserve(name), type, shape));
        return name;
    }

    /// <summary>Declares an output, which a node must compute.</summary>
    /// <inheritdoc cref="AddInput"/>
    public void AddOutput(string name, OnnxType type, params ReadOnlySpan<long> shape) => _graph.Output.Add(Describe(name, type, shape));

    /// <summary>Stores a float32 tensor.</summary>
    /// <param name="name">Suggested name; a number is appended if it is taken.</param>
    /// <param name="elements">The elements, the last dimension first.</param>
    /// <param name="shape">Number of elements along each dimension.</param>
    /// <returns>Name of the value.</returns>
    public string AddTensor(string name, ReadOnlySpan<float> elements, params ReadOnlySpan<long> shape)
    {
        var tensor = new Proto.TensorProto
        {
            Name = Unique(name),
            DataType = (int)OnnxType.Float32,
            RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(elements)),
        };
        tensor.Dims.AddRange(shape.ToArray());
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Stores a float32 number.</summary>
    public string AddNumber(double number) => AddTensor("number", [(float)number]);

    /// <summary>Stores a vector of 64-bit integers, such as a shape; equal vectors are stored once.</summary>
    public string AddVector(params ReadOnlySpan<long> elements)
    {
        var key = string.Join(",", elements.ToArray());
        if (_vectors.TryGetValue(key, out var known))
        {
            return known;
        }

        var tensor = new Proto.TensorProto
        {
            Name = Unique("shape"),
            DataType = (int)OnnxType.Int64,
            RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(elements)),
        };
        tensor.Dims.Add(elements.Length);
        _graph.Initializer.Add(tensor);
        _vectors.Add(key, tensor.Name);
        return tensor.Name;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">Type of the operator, such as <c>Conv</c>.</param>
    /// <param name="inputs">Names of its inputs.</param>
    /// <param name="attributes">Attributes of the operator: long, long[], float, double or string.</param>
    /// <param name="output">Name of its output; null chooses one.</param>
    /// <returns>Name of its output.</returns>
    public string AddNode(string operation, IEnumerable<string> inputs, IEnumerable<(string Name, object Value)>? attributes = null, string? output = null)
    {
        var node = new Proto.NodeProto { OpType = operation, Name = $"{operation}_{_graph.Node.Count}" };
        node.Input.AddRange(inputs);
        node.Output.Add(output is null ? Unique($"{operation.ToLowerInvariant()}_{_graph.Node.Count}") : Reserve(output));
        node.Attribute.AddRange((attributes ?? []).Select(a => Attribute(a.Name, a.Value)));
        _graph.Node.Add(node);
        return node.Output[0];
    }

    /// <summary>Writes the model.</summary>
    /// <param name="opset">Version of the operators.</param>
    /// <param name="producer">Name and version of the program.</param>
    /// <param name="metadata">Names and values for readers of the model.</param>
    public byte[] ToModel(int opset, (string Name, string Version) producer, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var model = new Proto.ModelProto { IrVersion = IrVersion, Graph = _graph, ProducerName = producer.Name, ProducerVersion = producer.Version };
        model.OpsetImport.Add(new Proto.OperatorSetIdProto { Domain = "", Version = opset });
        model.MetadataProps.AddRange(metadata.Select(p => new Proto.StringStringEntryProto { Key = p.Key, Value = p.Value }));
        return model.ToByteArray();
    }

    private static Proto.AttributeProto Attribute(string name, object value)
    {
        var attribute = new Proto.AttributeProto { Name = name };
        switch (value)
        {
            case long or int:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.Int;
                attribute.I = Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case float or double:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.Float;
                attribute.F = Convert.ToSingle(value, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case string text:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] numbers:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            default:
                throw new ArgumentException($"expected a number, numbers or text, got {value.GetType().Name}", nameof(value));
        }

        return attribute;
    }

    private static Proto.ValueInfoProto Describe(string name, OnnxType type, ReadOnlySpan<long> shape)
    {
        var dimensions = new Proto.TensorShapeProto();
        foreach (var size in shape)
        {
            dimensions.Dim.Add(size < 0 ? new Proto.TensorShapeProto.Types.Dimension { DimParam = "batch" } : new() { DimValue = size });
        }

        return new Proto.ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dimensions } } };
    }

    private string Reserve(string name) => _names.Add(name) ? name : throw new InvalidOperationException($"The graph has two values named {name}.");

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 2; !_names.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }
}
