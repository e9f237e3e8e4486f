using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Proto = global::Onnx;

namespace SketchFlow.Onnx.Graphs;

/// <summary>
/// Builds an ONNX graph node by node. Values are named by strings, as in the format (https://onnx.ai/onnx/repo-docs/IR.html).
/// </summary>
public sealed class OnnxGraph
{
    /// <summary>A height that is not fixed, in the shape of an input.</summary>
    public const long AnyHeight = -2;

    /// <summary>A width that is not fixed, in the shape of an input.</summary>
    public const long AnyWidth = -3;

    private const int SmallestExternal = 1024;

    private readonly Proto.GraphProto _graph = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<(Proto.TensorProto Tensor, ReadOnlyMemory<byte> Bytes)> _tensors = [];
    private readonly Dictionary<string, string> _vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<float, string> _numbers = [];

    /// <summary>Creates an empty graph.</summary>
    /// <param name="name">Name of the graph.</param>
    public OnnxGraph(string name) => _graph.Name = name;

    /// <summary>Number of bytes of all stored tensors.</summary>
    public long TensorBytes => _tensors.Sum(t => (long)t.Bytes.Length);

    /// <summary>Declares an input.</summary>
    /// <param name="name">Name of the value.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Number of elements along each dimension; -1, <see cref="AnyHeight"/> and <see cref="AnyWidth"/> are not fixed.</param>
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
    public string AddTensor(string name, ReadOnlySpan<float> elements, params ReadOnlySpan<long> shape) =>
        AddTensor(name, MemoryMarshal.AsBytes(elements).ToArray(), OnnxType.Float32, shape);

    /// <summary>Stores a tensor without a copy: the bytes must stay unchanged until the model is written.</summary>
    /// <param name="name">Suggested name; a number is appended if it is taken.</param>
    /// <param name="bytes">The elements in little-endian order, the last dimension first.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Number of elements along each dimension.</param>
    /// <returns>Name of the value.</returns>
    public string AddTensor(string name, ReadOnlyMemory<byte> bytes, OnnxType type, params ReadOnlySpan<long> shape)
    {
        var tensor = new Proto.TensorProto { Name = Unique(name), DataType = (int)type };
        tensor.Dims.AddRange(shape.ToArray());
        _tensors.Add((tensor, bytes));
        return tensor.Name;
    }

    /// <summary>Stores a float32 number; equal numbers are stored once.</summary>
    public string AddNumber(double number) =>
        Known(_numbers, (float)number, () => AddTensor("number", [(float)number]));

    /// <summary>Stores a vector of 64-bit integers, such as a shape; equal vectors are stored once.</summary>
    public string AddVector(params ReadOnlySpan<long> elements)
    {
        var copy = elements.ToArray();
        return Known(_vectors, string.Join(",", copy), () => AddTensor("shape", MemoryMarshal.AsBytes(copy.AsSpan()).ToArray(), OnnxType.Int64, copy.Length));
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

    /// <summary>Adds a reduction, whose dimensions are an attribute before opset 18 and an input since.</summary>
    /// <param name="operation">Type of the operator, such as <c>ReduceMean</c>.</param>
    /// <param name="x">Name of the value.</param>
    /// <param name="axes">The dimensions; negative ones count from the end.</param>
    /// <param name="keeps">Whether the dimensions stay, with one element.</param>
    /// <param name="opset">Version of the operators.</param>
    /// <returns>Name of its output.</returns>
    public string AddReduction(string operation, string x, long[] axes, bool keeps, int opset) => opset < 18
        ? AddNode(operation, [x], [("axes", axes), ("keepdims", keeps ? 1L : 0L)])
        : AddNode(operation, [x, AddVector(axes)], [("keepdims", keeps ? 1L : 0L)]);

    /// <summary>Adds a slice along one dimension.</summary>
    /// <param name="x">Name of the value.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="start">First element; negative ones count from the end.</param>
    /// <param name="end">The element behind the last one; <see cref="long.MinValue"/> with a negative step is the first of all.</param>
    /// <param name="step">Distance of the elements; -1 reverses them.</param>
    /// <returns>Name of its output.</returns>
    public string AddSlice(string x, int dimension, long start, long end, long step = 1) =>
        AddNode("Slice", [x, AddVector(start), AddVector(end), AddVector(dimension), AddVector(step)]);

    /// <summary>Writes the model.</summary>
    /// <param name="stream">Receives the model.</param>
    /// <param name="header">Facts besides the graph.</param>
    /// <param name="external">Receives the tensors of 1,024 bytes and more; null keeps them in the model, which is then limited to 2 GB.</param>
    public void Write(Stream stream, OnnxModelHeader header, OnnxExternalData? external = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(header);
        var graph = _graph.Clone();
        foreach (var (tensor, bytes) in _tensors)
        {
            graph.Initializer.Add(external is not null && bytes.Length >= SmallestExternal ? Move(tensor, bytes, external) : Keep(tensor, bytes));
        }

        var model = new Proto.ModelProto
        {
            IrVersion = IrVersion(header.Opset),
            Graph = graph,
            ProducerName = header.Producer,
            ProducerVersion = header.ProducerVersion,
        };
        model.OpsetImport.Add(new Proto.OperatorSetIdProto { Domain = "", Version = header.Opset });
        model.MetadataProps.AddRange(header.Metadata.Select(p => new Proto.StringStringEntryProto { Key = p.Key, Value = p.Value }));
        model.WriteTo(stream);
    }

    // The version of the format that came with a version of the operators: https://github.com/onnx/onnx/blob/main/docs/Versioning.md
    private static long IrVersion(int opset) => opset switch
    {
        < 19 => 8,
        < 21 => 9,
        < 23 => 10,
        _ => 11,
    };

    private static Proto.TensorProto Keep(Proto.TensorProto tensor, ReadOnlyMemory<byte> bytes)
    {
        var kept = tensor.Clone();
        kept.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        return kept;
    }

    private static Proto.TensorProto Move(Proto.TensorProto tensor, ReadOnlyMemory<byte> bytes, OnnxExternalData external)
    {
        var moved = tensor.Clone();
        moved.DataLocation = Proto.TensorProto.Types.DataLocation.External;
        moved.ExternalData.AddRange(
        [
            new Proto.StringStringEntryProto { Key = "location", Value = external.Location },
            new Proto.StringStringEntryProto { Key = "offset", Value = external.Append(bytes.Span).ToString(CultureInfo.InvariantCulture) },
            new Proto.StringStringEntryProto { Key = "length", Value = bytes.Length.ToString(CultureInfo.InvariantCulture) },
        ]);
        return moved;
    }

    private static string Known<TKey>(Dictionary<TKey, string> known, TKey key, Func<string> add)
        where TKey : notnull
    {
        if (!known.TryGetValue(key, out var name))
        {
            known.Add(key, name = add());
        }

        return name;
    }

    private static Proto.AttributeProto Attribute(string name, object value)
    {
        var attribute = new Proto.AttributeProto { Name = name };
        switch (value)
        {
            case long or int:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.Int;
                attribute.I = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                break;
            case float or double:
                attribute.Type = Proto.AttributeProto.Types.AttributeType.Float;
                attribute.F = Convert.ToSingle(value, CultureInfo.InvariantCulture);
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

    private static Proto.ValueInfoProto Describe(string value, OnnxType type, ReadOnlySpan<long> shape)
    {
        var dimensions = new Proto.TensorShapeProto();
        foreach (var size in shape)
        {
            var name = size switch
            {
                AnyHeight => "height",
                AnyWidth => "width",
                < 0 => "batch",
                _ => null,
            };
            dimensions.Dim.Add(name is null ? new Proto.TensorShapeProto.Types.Dimension { DimValue = size } : new() { DimParam = name });
        }

        return new Proto.ValueInfoProto { Name = value, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dimensions } } };
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
