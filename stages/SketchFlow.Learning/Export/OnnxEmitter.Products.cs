using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Export;

internal sealed partial class OnnxEmitter
{
    private string EmitProduct(Node node) => node.Operation switch
    {
        Operation.Convolution conv => Add("Conv", [.. node.Inputs.Select(NameOf)], Attributes(conv.Geometry)),
        Operation.ConvolutionPerImage conv => EmitConvolutionPerImage(node, conv),
        Operation.Linear => EmitLinear(node),
        Operation.MatrixProduct => Add("MatMul", Input(node, 0), Input(node, 1)),
        Operation.Einsum sum => Add("Einsum", [.. node.Inputs.Select(NameOf)], ("equation", sum.Equation)),
        Operation.Attention => EmitAttention(node),
        _ => throw Unknown(node),
    };

    private string EmitLinear(Node node)
    {
        var inputs = node.Inputs.Select(NameOf).ToArray();
        if (node.Inputs[0].Shape.Length == 2)
        {
            return Add("Gemm", inputs, ("transB", 1L));
        }

        var matrix = Add("Transpose", [inputs[1]], ("perm", new long[] { 1, 0 }));
        var product = Add("MatMul", inputs[0], matrix);
        return inputs.Length > 2 ? Add("Add", product, inputs[2]) : product;
    }

    private string EmitAttention(Node node)
    {
        var width = node.Inputs[0].Shape[^1];
        var query = Add("Mul", Input(node, 0), _graph.AddNumber(1 / Math.Sqrt(width)));
        var scores = Add("MatMul", query, Add("Transpose", [Input(node, 1)], ("perm", new long[] { 0, 1, 3, 2 })));
        var biased = node.Inputs.Length > 3 ? Add("Add", scores, Input(node, 3)) : scores;
        return Add("MatMul", Add("Softmax", [biased], ("axis", -1L)), Input(node, 2));
    }

    // A convolution is linear in its kernel: the mixed kernels of an image give the mixture of the experts' results.
    private string EmitConvolutionPerImage(Node node, Operation.ConvolutionPerImage conv)
    {
        if (node.Inputs[1] is not { Operation: Operation.MatrixProduct } mixture || _constants[mixture.Inputs[1]] is not { } experts)
        {
            throw Unknown(node);
        }

        var (x, shares, sum) = (Input(node, 0), Input(mixture, 0), "");
        for (var expert = 0; expert < experts.shape[0]; expert++)
        {
            using var kernel = experts.select(0, expert).reshape(conv.OutChannels, -1, conv.Kernel, conv.Kernel);
            var one = Add("Conv", [x, Store("expert", kernel)], Attributes(conv.Geometry));
            var share = Add("Reshape", _graph.AddSlice(shares, 1, expert, expert + 1), _graph.AddVector(-1, 1, 1, 1));
            var part = Add("Mul", one, share);
            sum = expert == 0 ? part : Add("Add", sum, part);
        }

        return sum;
    }

    private static (string Name, object Value)[] Attributes(ConvolutionGeometry geometry) =>
    [
        ("strides", new[] { geometry.StrideY, geometry.StrideX }),
        ("pads", new[] { geometry.PaddingY, geometry.PaddingX, geometry.PaddingY, geometry.PaddingX }),
        ("group", geometry.Groups),
    ];
}
