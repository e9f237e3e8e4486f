using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Onnx.Graphs;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Export;

// Networks in 8 bits are written in ONNX's QDQ form: values pass through QuantizeLinear and DequantizeLinear, and ONNX Runtime computes what is between
// such pairs with integers (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). Weights are rounded per output channel and to
// seven bits: without VNNI, x64 CPUs add two products of 8 bits in 16, which overflows with all eight.
internal sealed partial class OnnxEmitter
{
    private const int LargestWeight = 64;

    // A bias is stored in 32 bits as a multiple of the products of both scales, and has to fit.
    private const double LargestBias = 1e9;

    private readonly Dictionary<Node, string> _rounded = [];

    // A convolution with its batch normalisation in one.
    private string EmitQuantizedConvolution(Node node, Operation.Convolution conv)
    {
        using var scope = torch.NewDisposeScope();
        var (weight, bias) = Folded(node);
        var range = _options.Ranges![node.Inputs[0]];
        var scales = ScalesOf(weight, bias, range);
        var inputs = new List<string> { Rounded(node.Inputs[0]), StoreRounded(weight, scales, axis: 0) };
        if (bias is not null)
        {
            var steps = (bias / (scales * Keep(range.Scale))).round().to(torch.ScalarType.Int32).contiguous();
            var stored = _graph.AddTensor("bias", steps.bytes.ToArray(), OnnxType.Int32, steps.shape);
            var zeros = _graph.AddTensor("zero", new byte[steps.bytes.Length], OnnxType.Int32, steps.shape);
            inputs.Add(Add("DequantizeLinear", [stored, Store("scale", scales * Keep(range.Scale)), zeros], ("axis", 0L)));
        }

        return Add("Conv", [.. inputs], Attributes(conv.Geometry));
    }

    private string EmitQuantizedLinear(Node node)
    {
        using var scope = torch.NewDisposeScope();
        var weight = _constants[node.Inputs[1]]!;
        var matrix = StoreRounded(weight.t(), ScalesOf(weight, null, default), axis: 1);
        var product = Add("MatMul", Rounded(node.Inputs[0]), matrix);
        return node.Inputs.Length > 2 ? Add("Add", product, Input(node, 2)) : product;
    }

    // Weight and bias of a convolution, multiplied and shifted by the batch normalisation after it.
    private (torch.Tensor Weight, torch.Tensor? Bias) Folded(Node node)
    {
        var (weight, bias) = (_constants[node.Inputs[1]]!, node.Inputs.Length > 2 ? _constants[node.Inputs[2]] : null);
        if (_quantized!.FoldedInto(node) is not { Operation: Operation.BatchNorm norm } folded)
        {
            return (weight, bias);
        }

        var (mean, variance) = (_constants[folded.Inputs[1]]!, _constants[folded.Inputs[2]]!);
        var factor = _constants[folded.Inputs[3]]! / variance.Plus(norm.Epsilon).sqrt();
        var shift = _constants[folded.Inputs[4]]! - (mean * factor);
        return (weight * factor.reshape(-1, 1, 1, 1), bias is null ? shift : (bias * factor).Plus(shift));
    }

    // One scale per output channel, so that channels with small weights keep their digits.
    private static torch.Tensor ScalesOf(torch.Tensor weight, torch.Tensor? bias, ValueRange input)
    {
        var scales = weight.abs().flatten(1).amax([1]) / Keep(LargestWeight);
        scales = bias is null ? scales : torch.maximum(scales, bias.abs() / Keep(LargestBias * input.Scale));
        return scales.clamp(min: Keep(1e-12));
    }

    private string StoreRounded(torch.Tensor weight, torch.Tensor scales, int axis)
    {
        var shape = Enumerable.Repeat(1L, (int)weight.dim()).ToArray();
        shape[axis] = -1;
        var levels = (weight / scales.reshape(shape)).round().clamp(Keep(-LargestWeight), Keep(LargestWeight)).to(torch.ScalarType.Int8).contiguous();
        var stored = _graph.AddTensor("weight", levels.bytes.ToArray(), OnnxType.Int8, levels.shape);
        var zeros = _graph.AddTensor("zero", new byte[scales.numel()], OnnxType.Int8, scales.shape);
        return Add("DequantizeLinear", [stored, Store("scale", scales), zeros], ("axis", (long)axis));
    }

    // The value as all eight-bit readers see it. Others may read it unrounded, such as the sum of a residual connection.
    private string Rounded(Node value)
    {
        if (_quantized!.IsEnd(value))
        {
            return NameOf(value);
        }

        if (!_rounded.TryGetValue(value, out var name))
        {
            _rounded.Add(value, name = Round(NameOf(value), _options.Ranges![value]));
        }

        return name;
    }

    private string Round(string value, ValueRange range)
    {
        var scale = _graph.AddTensor("scale", [range.Scale]);
        var zero = _graph.AddTensor("zero", new[] { range.ZeroPoint }, OnnxType.UInt8);
        return Add("DequantizeLinear", Add("QuantizeLinear", value, scale, zero), scale, zero);
    }
}
