using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Export;

internal sealed partial class OnnxEmitter
{
    private string EmitReduction(Node node)
    {
        var (x, shape) = (Input(node, 0), node.Inputs[0].Shape);
        switch (node.Operation)
        {
            case Operation.Mean mean:
                return Reduce("ReduceMean", x, Longs(mean.Dimensions), mean.Keep);
            case Operation.Variance variance:
                var axes = Longs(variance.Dimensions);
                var centred = Add("Sub", x, Reduce("ReduceMean", x, axes));
                var biased = Reduce("ReduceMean", Add("Mul", centred, centred), axes);
                var count = axes.Select(axis => shape[(int)(axis < 0 ? axis + shape.Length : axis)]).Aggregate(1.0, (product, size) => product * size);
                return variance.Unbiased ? Add("Mul", biased, _graph.AddNumber(count / (count - 1))) : biased;
            case Operation.VectorNorm norm:
                return Reduce("ReduceL2", x, Longs(norm.Dimensions));
            case Operation.UnitVector:
                var length = Reduce("ReduceL2", x, [-1]);
                return Add("Div", x, Add("Max", length, _graph.AddNumber(1e-12)));
            case Operation.Softmax softmax:
                return Add("Softmax", [x], ("axis", (long)softmax.Dimension));
            default:
                throw Unknown(node);
        }
    }

    private string EmitNorm(Node node)
    {
        var x = Input(node, 0);
        switch (node.Operation)
        {
            case Operation.BatchNorm norm:
                return Add("BatchNormalization", [x, Input(node, 3), Input(node, 4), Input(node, 1), Input(node, 2)], ("epsilon", norm.Epsilon));
            case Operation.LayerNorm norm:
                return Add("LayerNormalization", [x, Input(node, 1), Input(node, 2)], ("axis", -1L), ("epsilon", norm.Epsilon));
            case Operation.GroupNorm norm:
                return EmitGroupNorm(node, norm);
            case Operation.MaxPool2d pool:
                return Add("MaxPool", [x], ("kernel_shape", Twice(pool.Kernel)), ("strides", Twice(pool.Stride)), ("pads", Four(pool.Padding)));
            case Operation.AveragePool2d pool:
                return Add(
                    "AveragePool",
                    [x],
                    ("kernel_shape", Twice(pool.Kernel)),
                    ("strides", Twice(pool.Stride)),
                    ("pads", Four(pool.Padding)),
                    ("ceil_mode", pool.KeepsRest ? 1L : 0L),
                    ("count_include_pad", 0L));
            default:
                throw Unknown(node);
        }
    }

    // Opset 17 has no group normalisation, and that of opset 18 has a scale for each group: the groups are normalised as the channels of an
    // instance normalisation.
    private string EmitGroupNorm(Node node, Operation.GroupNorm norm)
    {
        var ones = Enumerable.Repeat(1F, (int)norm.Groups).ToArray();
        var grouped = Add("Reshape", Input(node, 0), _graph.AddVector(0, norm.Groups, -1));
        var normed = Add(
            "InstanceNormalization",
            [grouped, _graph.AddTensor("ones", ones, norm.Groups), _graph.AddTensor("zeros", new float[norm.Groups], norm.Groups)],
            ("epsilon", norm.Epsilon));
        var image = Add("Reshape", normed, _graph.AddVector(-1, node.Shape[1], node.Shape[2], node.Shape[3]));
        return Add("Add", Add("Mul", image, PerChannel(node, 1)), PerChannel(node, 2));
    }

    private string Reduce(string operation, string x, long[] axes, bool keeps = true) =>
        _graph.AddReduction(operation, x, axes, keeps, _options.Opset);

    private string PerChannel(Node node, int input)
    {
        using var column = _constants[node.Inputs[input]]!.reshape(1, -1, 1, 1);
        return Store("channels", column);
    }

    private static long[] Longs(IEnumerable<int> dimensions) => [.. dimensions.Select(d => (long)d)];

    private static long[] Twice(long value) => [value, value];

    private static long[] Four(long value) => [value, value, value, value];
}
