using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>Applies a function to each element of x.</summary>
    /// <param name="Function">The function.</param>
    /// <param name="InPlace">Whether x is overwritten; only for the three rectifiers.</param>
    public sealed record Elementwise(ElementwiseFunction Function, bool InPlace = false) : Operation
    {
        /// <inheritdoc/>
        public override bool IsInPlace => InPlace;

        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var x = inputs[0];
            return Function switch
            {
                ElementwiseFunction.Relu => InPlace ? x.relu_() : x.relu(),
                ElementwiseFunction.Relu6 => F.relu6(x, InPlace),
                ElementwiseFunction.Gelu => F.gelu(x),
                ElementwiseFunction.Sigmoid => x.sigmoid(),
                ElementwiseFunction.Silu => x.silu(),
                ElementwiseFunction.HardSigmoid => F.hardsigmoid(x),
                ElementwiseFunction.Tanh => x.tanh(),
                ElementwiseFunction.Exp => x.exp(),
                ElementwiseFunction.Cos => x.cos(),
                ElementwiseFunction.Sin => x.sin(),
                ElementwiseFunction.Negate => -x,
                ElementwiseFunction.Square => x.pow(Keep(2)),
                ElementwiseFunction.ReciprocalSquareRoot => x.rsqrt(),
                _ => throw new NotSupportedException($"There is no function {Function}."),
            };
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Computes x, or slope × x for negative x.</summary>
    /// <param name="Slope">Factor of negative x.</param>
    /// <param name="InPlace">Whether x is overwritten.</param>
    public sealed record LeakyRelu(double Slope, bool InPlace = false) : Operation
    {
        /// <inheritdoc/>
        public override bool IsInPlace => InPlace;

        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) =>
            InPlace ? inputs[0].leaky_relu_(Keep(Slope)).alias() : inputs[0].leaky_relu(Keep(Slope));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Computes min(x, maximum).</summary>
    /// <param name="Maximum">Upper limit.</param>
    public sealed record Clamp(double Maximum) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].clamp(max: Keep(Maximum));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Applies a function to the elements of a and b, which broadcast.</summary>
    /// <param name="Function">The function.</param>
    /// <param name="InPlace">Whether a is overwritten; only for addition.</param>
    public sealed record Binary(BinaryFunction Function, bool InPlace = false) : Operation
    {
        /// <inheritdoc/>
        public override bool IsInPlace => InPlace;

        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var (a, b) = (inputs[0], inputs[1]);
            return Function switch
            {
                BinaryFunction.Add => InPlace ? a.Increase(b) : a.Plus(b),
                BinaryFunction.Subtract => a - b,
                BinaryFunction.Multiply => a.mul(b),
                BinaryFunction.Divide => a / b,
                _ => a.maximum(b),
            };
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Broadcast(inputs);
    }

    /// <summary>Applies a function to each element of x and a number.</summary>
    /// <param name="Function">The function: addition, subtraction, multiplication or division.</param>
    /// <param name="Number">The number.</param>
    public sealed record BinaryWithNumber(BinaryFunction Function, double Number) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var x = inputs[0];
            return Function switch
            {
                BinaryFunction.Add => x.Plus(Number),
                BinaryFunction.Subtract => x.sub(Keep(Number)),
                BinaryFunction.Multiply => x.mul(Keep(Number)),
                BinaryFunction.Divide => x.div(Keep(Number)),
                _ => throw new NotSupportedException($"The function {Function} does not take a number."),
            };
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Computes a + alpha × b; both have the same shape.</summary>
    /// <param name="Alpha">Factor of b.</param>
    public sealed record AddScaled(double Alpha) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.add(inputs[0], inputs[1], alpha: Keep(Alpha));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Broadcast(inputs);
    }

    /// <summary>Computes a + b × c in one pass; the three broadcast.</summary>
    public sealed record AddProduct : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.addcmul(inputs[0], inputs[1], inputs[2], Keep(1));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Broadcast(inputs);
    }

    /// <summary>Converts x to another type.</summary>
    /// <param name="Type">The type.</param>
    public sealed record Cast(torch.ScalarType Type) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].to(Type);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Returns zeros in the shape of x.</summary>
    public sealed record ZerosLike : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.zeros_like(inputs[0]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }
}
