using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Export;

internal sealed partial class OnnxEmitter
{
    private string EmitElementwise(Node node)
    {
        var x = Input(node, 0);
        return node.Operation switch
        {
            Operation.Binary { Function: BinaryFunction.Add } when _quantized?.IsRoundedSum(node) == true =>
                Add("Add", Rounded(node.Inputs[0]), Rounded(node.Inputs[1])),
            Operation.Elementwise map => EmitFunction(map.Function, x),
            Operation.LeakyRelu relu => Add("LeakyRelu", [x], ("alpha", relu.Slope)),
            Operation.Clamp clamp => Add("Min", x, _graph.AddNumber(clamp.Maximum)),
            Operation.Binary binary => Add(NameOf(binary.Function), x, Input(node, 1)),
            Operation.BinaryWithNumber binary => Add(NameOf(binary.Function), x, _graph.AddNumber(binary.Number)),
            Operation.AddScaled sum => Add("Add", x, Add("Mul", Input(node, 1), _graph.AddNumber(sum.Alpha))),
            Operation.AddProduct => Add("Add", x, Add("Mul", Input(node, 1), Input(node, 2))),
            _ => throw Unknown(node),
        };
    }

    private string EmitFunction(ElementwiseFunction function, string x) => function switch
    {
        ElementwiseFunction.Relu => Add("Relu", x),
        ElementwiseFunction.Relu6 => Add("Clip", x, _graph.AddNumber(0), _graph.AddNumber(6)),
        ElementwiseFunction.Gelu => EmitGelu(x),
        ElementwiseFunction.Sigmoid => Add("Sigmoid", x),
        ElementwiseFunction.Silu => Add("Mul", x, Add("Sigmoid", x)),
        ElementwiseFunction.HardSigmoid => Add("HardSigmoid", [x], ("alpha", 1 / 6.0), ("beta", 0.5)),
        ElementwiseFunction.Tanh => Add("Tanh", x),
        ElementwiseFunction.Exp => Add("Exp", x),
        ElementwiseFunction.Cos => Add("Cos", x),
        ElementwiseFunction.Sin => Add("Sin", x),
        ElementwiseFunction.Negate => Add("Neg", x),
        ElementwiseFunction.Square => Add("Mul", x, x),
        ElementwiseFunction.ReciprocalSquareRoot => Add("Reciprocal", Add("Sqrt", x)),
        _ => throw new NotSupportedException($"The function {function} cannot be exported to ONNX."),
    };

    // Opset 17 has no Gelu; ONNX Runtime fuses this form: x (1 + erf(x / sqrt(2))) / 2.
    private string EmitGelu(string x)
    {
        var error = Add("Erf", Add("Div", x, _graph.AddNumber(Math.Sqrt(2))));
        return Add("Mul", Add("Mul", x, Add("Add", error, _graph.AddNumber(1))), _graph.AddNumber(0.5));
    }

    private static string NameOf(BinaryFunction function) => function switch
    {
        BinaryFunction.Add => "Add",
        BinaryFunction.Subtract => "Sub",
        BinaryFunction.Multiply => "Mul",
        BinaryFunction.Divide => "Div",
        _ => "Max",
    };
}
