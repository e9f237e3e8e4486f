using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

public readonly partial struct Value
{
    /// <summary>Adds values, which broadcast.</summary>
    public static Value operator +(Value a, Value b) => a.Add(b);

    /// <summary>Adds a number.</summary>
    public static Value operator +(Value x, double number) => x.With(BinaryFunction.Add, number);

    /// <summary>Subtracts values, which broadcast.</summary>
    public static Value operator -(Value a, Value b) => a.Subtract(b);

    /// <summary>Changes the sign.</summary>
    public static Value operator -(Value x) => x.Negate();

    /// <summary>Multiplies values, which broadcast.</summary>
    public static Value operator *(Value a, Value b) => a.Multiply(b);

    /// <summary>Multiplies by a number.</summary>
    public static Value operator *(Value x, double number) => x.Multiply(number);

    /// <summary>Divides values, which broadcast.</summary>
    public static Value operator /(Value a, Value b) => a.Divide(b);

    /// <summary>Divides by a number.</summary>
    public static Value operator /(Value x, double number) => x.Divide(number);

    /// <summary>Computes a + b; the two broadcast.</summary>
    public Value Add(Value other) => Apply(new Operation.Binary(BinaryFunction.Add), this, other);

    /// <summary>Computes this + other in the memory of this value.</summary>
    public Value AddInPlace(Value other) => Apply(new Operation.Binary(BinaryFunction.Add, InPlace: true), this, other);

    /// <summary>Computes this + alpha × other.</summary>
    public Value AddScaled(Value other, double alpha) => Apply(new Operation.AddScaled(alpha), this, other);

    /// <summary>Computes this + a × b while each is read once; the three broadcast.</summary>
    public Value AddProduct(Value a, Value b) => Apply(new Operation.AddProduct(), this, a, b);

    /// <summary>Computes this - other; the two broadcast.</summary>
    public Value Subtract(Value other) => Apply(new Operation.Binary(BinaryFunction.Subtract), this, other);

    /// <summary>Computes this × other; the two broadcast.</summary>
    public Value Multiply(Value other) => Apply(new Operation.Binary(BinaryFunction.Multiply), this, other);

    /// <summary>Multiplies by a number.</summary>
    public Value Multiply(double number) => With(BinaryFunction.Multiply, number);

    /// <summary>Computes this / other; the two broadcast.</summary>
    public Value Divide(Value other) => Apply(new Operation.Binary(BinaryFunction.Divide), this, other);

    /// <summary>Divides by a number.</summary>
    public Value Divide(double number) => With(BinaryFunction.Divide, number);

    /// <summary>Computes max(this, other); the two broadcast.</summary>
    public Value Maximum(Value other) => Apply(new Operation.Binary(BinaryFunction.Maximum), this, other);

    /// <summary>Computes min(x, maximum).</summary>
    public Value Clamp(double maximum) => Apply(new Operation.Clamp(maximum), this);

    /// <summary>Computes max(x, 0), in place if wished.</summary>
    public Value Relu(bool inPlace = false) => Apply(new Operation.Elementwise(ElementwiseFunction.Relu, inPlace), this);

    /// <summary>Computes min(max(x, 0), 6) in place.</summary>
    public Value Relu6InPlace() => Apply(new Operation.Elementwise(ElementwiseFunction.Relu6, InPlace: true), this);

    /// <summary>Computes x, or slope × x for negative x, in place.</summary>
    public Value LeakyReluInPlace(double slope) => Apply(new Operation.LeakyRelu(slope, InPlace: true), this);

    /// <summary>Computes the exact Gaussian error linear unit.</summary>
    public Value Gelu() => Map(ElementwiseFunction.Gelu);

    /// <summary>Computes 1 / (1 + exp(-x)).</summary>
    public Value Sigmoid() => Map(ElementwiseFunction.Sigmoid);

    /// <summary>Computes x / (1 + exp(-x)).</summary>
    public Value Silu() => Map(ElementwiseFunction.Silu);

    /// <summary>Computes min(max(x + 3, 0), 6) / 6.</summary>
    public Value HardSigmoid() => Map(ElementwiseFunction.HardSigmoid);

    /// <summary>Computes the hyperbolic tangent.</summary>
    public Value Tanh() => Map(ElementwiseFunction.Tanh);

    /// <summary>Computes the exponential function.</summary>
    public Value Exp() => Map(ElementwiseFunction.Exp);

    /// <summary>Computes the cosine.</summary>
    public Value Cos() => Map(ElementwiseFunction.Cos);

    /// <summary>Computes the sine.</summary>
    public Value Sin() => Map(ElementwiseFunction.Sin);

    /// <summary>Changes the sign.</summary>
    public Value Negate() => Map(ElementwiseFunction.Negate);

    /// <summary>Computes x².</summary>
    public Value Square() => Map(ElementwiseFunction.Square);

    /// <summary>Computes 1 / √x.</summary>
    public Value ReciprocalSquareRoot() => Map(ElementwiseFunction.ReciprocalSquareRoot);

    /// <summary>Converts to a type; while the pass is recorded all types are float32.</summary>
    public Value To(torch.ScalarType type) => Node is not null && type == Type ? this : Apply(new Operation.Cast(type), this);

    /// <summary>Returns zeros of the same shape.</summary>
    public Value ZerosLike() => Apply(new Operation.ZerosLike(), this);

    /// <summary>Computes the mean over dimensions.</summary>
    public Value Mean(int[] dimensions, bool keep = false) => Apply(new Operation.Mean([.. dimensions], keep), this);

    /// <summary>Computes the sum of all elements.</summary>
    public Value Sum() => Apply(new Operation.Sum(), this);

    /// <summary>Computes the variance over dimensions, which remain with size 1.</summary>
    public Value Variance(int[] dimensions, bool unbiased) => Apply(new Operation.Variance([.. dimensions], unbiased), this);

    /// <summary>Computes the Euclidean norm over dimensions, which remain with size 1.</summary>
    public Value VectorNorm(int[] dimensions) => Apply(new Operation.VectorNorm([.. dimensions]), this);

    /// <summary>Divides by the Euclidean norm over the last dimension.</summary>
    public Value UnitVector() => Apply(new Operation.UnitVector(), this);

    /// <summary>Computes the softmax over a dimension.</summary>
    public Value Softmax(int dimension) => Apply(new Operation.Softmax(dimension), this);

    private Value Map(ElementwiseFunction function) => Apply(new Operation.Elementwise(function), this);

    private Value With(BinaryFunction function, double number) => Apply(new Operation.BinaryWithNumber(function, number), this);
}
