using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Export;

internal sealed partial class OnnxEmitter
{
    private string EmitShape(Node node)
    {
        var inputs = node.Inputs.Select(NameOf).ToArray();
        var (x, rank) = (inputs[0], node.Inputs[0].Shape.Length);
        return node.Operation switch
        {
            Operation.Reshape => Add("Reshape", x, _graph.AddVector(WithRest(node))),
            Operation.Permute permute => Add("Transpose", [x], ("perm", Longs(permute.Order))),
            Operation.Unsqueeze unsqueeze => Add("Unsqueeze", x, _graph.AddVector(unsqueeze.Dimension)),
            Operation.Squeeze squeeze => Add("Squeeze", x, _graph.AddVector(squeeze.Dimension)),
            Operation.Select select => Take(x, select.Dimension, select.Index),
            Operation.Narrow narrow => _graph.AddSlice(x, narrow.Dimension, narrow.Start, narrow.Start + narrow.Length),
            Operation.SplitPart { Sizes.IsEmpty: true } part => Take(x, part.Dimension, part.Part),
            Operation.SplitPart part => _graph.AddSlice(x, part.Dimension, part.Sizes[..part.Part].Sum(), part.Sizes[..(part.Part + 1)].Sum()),
            Operation.Expand => Add("Expand", x, ShapeOf(node)),
            Operation.Concatenate concatenate => Add("Concat", inputs, ("axis", (long)concatenate.Dimension)),
            Operation.Flip flip => _graph.AddSlice(x, flip.Dimension, -1, long.MinValue, -1),
            Operation.Roll roll => roll.Dimensions.Zip(roll.Shifts).Aggregate(x, (value, move) => Rolled(value, node, move.First, move.Second)),
            Operation.Pad pad => Add(
                "Pad",
                [x, _graph.AddVector(Pads(pad, rank)), .. pad.Reflects ? Array.Empty<string>() : [_graph.AddNumber(pad.Value)]],
                ("mode", pad.Reflects ? "reflect" : "constant")),
            Operation.IndexSelect select => Add("Gather", [x, inputs[1]], ("axis", (long)select.Dimension)),
            Operation.Contiguous or Operation.Cast => x,
            _ => throw Unknown(node),
        };
    }

    // One size may depend on the number of images; it is what remains.
    private long[] WithRest(Node node)
    {
        long[] shape = [.. node.Shape.Select(size => size % _batch == 0 ? -1 : size)];
        return shape.Count(size => size == -1) <= 1 ? shape : throw Unknown(node);
    }

    // The shape of a node as a value, with the number of images of the run.
    private string ShapeOf(Node node)
    {
        if (node.Shape.All(size => size % _batch != 0))
        {
            return _graph.AddVector([.. node.Shape]);
        }

        _batchSize ??= Add("Shape", [_images], ("start", 0L), ("end", 1L));
        var sizes = node.Shape.Select(size =>
            size % _batch != 0 ? _graph.AddVector(size)
            : size == _batch ? _batchSize
            : Add("Mul", _batchSize, _graph.AddVector(size / _batch)));
        return Add("Concat", [.. sizes], ("axis", 0L));
    }

    private string Take(string x, int dimension, long index) =>
        Add("Squeeze", Add("Gather", [x, _graph.AddVector(index)], ("axis", (long)dimension)), _graph.AddVector(dimension));

    private string Rolled(string x, Node node, int dimension, int shift)
    {
        var size = node.Shape[dimension];
        var cut = ((-shift % size) + size) % size;
        return cut == 0 ? x : Add("Concat", [_graph.AddSlice(x, dimension, cut, size), _graph.AddSlice(x, dimension, 0, cut)], ("axis", (long)dimension));
    }

    // PyTorch lists pairs from the last dimension to the first; ONNX lists all beginnings, then all ends.
    private static long[] Pads(Operation.Pad pad, int rank)
    {
        var pads = new long[2 * rank];
        for (var i = 0; i < pad.Padding.Length; i++)
        {
            pads[rank - 1 - (i / 2) + (i % 2 == 0 ? 0 : rank)] = pad.Padding[i];
        }

        return pads;
    }
}
