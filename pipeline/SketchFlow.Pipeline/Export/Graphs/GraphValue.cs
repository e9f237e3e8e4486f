using SketchFlow.Onnx.Graphs;

namespace SketchFlow.Pipeline.Export.Graphs;

/// <summary>A value of a graph with the arithmetic of ONNX: whole numbers become constants of 64-bit integers, others of float32.</summary>
/// <param name="Graph">Receives the nodes.</param>
/// <param name="Name">Name of the value.</param>
internal readonly record struct GraphValue(OnnxGraph Graph, string Name)
{
    public static GraphValue operator +(GraphValue a, GraphValue b) => a.Node("Add", b);

    public static GraphValue operator +(GraphValue a, long b) => a + a.Constant(b);

    public static GraphValue operator +(GraphValue a, double b) => a + a.Constant(b);

    public static GraphValue operator -(GraphValue a, GraphValue b) => a.Node("Sub", b);

    public static GraphValue operator -(GraphValue a, long b) => a - a.Constant(b);

    public static GraphValue operator -(GraphValue a, double b) => a - a.Constant(b);

    public static GraphValue operator *(GraphValue a, GraphValue b) => a.Node("Mul", b);

    public static GraphValue operator *(GraphValue a, long b) => a * a.Constant(b);

    public static GraphValue operator *(GraphValue a, double b) => a * a.Constant(b);

    public static GraphValue operator /(GraphValue a, GraphValue b) => a.Node("Div", b);

    public static GraphValue operator /(GraphValue a, long b) => a / a.Constant(b);

    public static GraphValue operator /(GraphValue a, double b) => a / a.Constant(b);

    public static GraphValue operator >(GraphValue a, GraphValue b) => a.Node("Greater", b);

    public static GraphValue operator <(GraphValue a, GraphValue b) => a.Node("Less", b);

    public static GraphValue operator &(GraphValue a, GraphValue b) => a.Node("And", b);

    /// <summary>Returns a constant of one 64-bit integer.</summary>
    public GraphValue Constant(long number) => this with { Name = Graph.AddVector(number) };

    /// <summary>Returns a constant of one float32 number.</summary>
    public GraphValue Constant(double number) => this with { Name = Graph.AddNumber(number) };

    /// <summary>Returns the smaller values.</summary>
    public GraphValue Min(GraphValue other) => Node("Min", other);

    /// <summary>Returns the larger values.</summary>
    public GraphValue Max(GraphValue other) => Node("Max", other);

    /// <inheritdoc cref="Min(GraphValue)"/>
    public GraphValue Min(long other) => Min(Constant(other));

    /// <inheritdoc cref="Min(GraphValue)"/>
    public GraphValue Min(double other) => Min(Constant(other));

    /// <inheritdoc cref="Max(GraphValue)"/>
    public GraphValue Max(long other) => Max(Constant(other));

    /// <inheritdoc cref="Max(GraphValue)"/>
    public GraphValue Max(double other) => Max(Constant(other));

    /// <summary>Returns values of another type.</summary>
    public GraphValue Cast(OnnxType type) => new(Graph, Graph.AddNode("Cast", [Name], [("to", (long)type)]));

    /// <summary>Returns the first of two values where this is true, else the second.</summary>
    public GraphValue Choose(GraphValue yes, GraphValue no) => Node("Where", yes, no);

    /// <summary>Returns the values along a new last dimension of one element.</summary>
    public GraphValue AsColumn() => Node("Unsqueeze", Constant(1L));

    /// <summary>Returns the elements at some places along a dimension.</summary>
    public GraphValue Gather(GraphValue places, long dimension) => new(Graph, Graph.AddNode("Gather", [Name, places.Name], [("axis", dimension)]));

    /// <summary>Returns the values with another shape; 0 keeps a dimension and -1 is the rest.</summary>
    public GraphValue Reshape(params ReadOnlySpan<long> shape) => Node("Reshape", this with { Name = Graph.AddVector(shape) });

    /// <summary>Returns the values with the dimensions in another order.</summary>
    public GraphValue Transpose(params long[] order) => new(Graph, Graph.AddNode("Transpose", [Name], [("perm", order)]));

    /// <summary>Rounds to the nearest levels from 0 to 255, halves up.</summary>
    public GraphValue RoundToLevels() => (this + 0.5).Node("Floor").Max(0.0).Min(255.0);

    /// <summary>Returns the result of an operator without attributes.</summary>
    public GraphValue Node(string operation, params ReadOnlySpan<GraphValue> others) =>
        new(Graph, Graph.AddNode(operation, [Name, .. Names(others)]));

    private static string[] Names(ReadOnlySpan<GraphValue> values)
    {
        var names = new string[values.Length];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = values[i].Name;
        }

        return names;
    }
}
