using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares multi-head differential self-attention over (N, tokens, C) (Ye et al. 2025; timm's <c>DiffAttention</c>): each head has two
    /// queries and two keys of half its width, and subtracts the second attention from the first.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="width">Number of input and output features.</param>
    /// <param name="heads">Number of heads; twice this number divides the width.</param>
    /// <param name="block">Index of the block, from 0; later blocks subtract more.</param>
    /// <param name="bias">Whether queries, keys and values have a bias.</param>
    public static Layer DifferentialAttention(ParameterScope scope, long width, int heads, int block, bool bias)
    {
        var differential = DifferentialHeads(scope, width / heads, heads, block);
        var qkv = Linear(scope["qkv"], width, 3 * width, LinearOptions.TruncatedNormal with { Bias = bias });
        var projection = Linear(scope["proj"], width, width, LinearOptions.TruncatedNormal);
        var norm = HeadNorm(scope, width / heads);
        return Tidy((pass, x) =>
        {
            var parts = qkv(pass, x).Chunk(3, 2);
            return projection(pass, differential(pass, parts[0], parts[1], parts[2], norm));
        });
    }

    /// <summary>Declares the normalisation of each head's output, over (N, heads, tokens, head width).</summary>
    internal static Layer HeadNorm(ParameterScope scope, long headWidth) => RmsNorm(scope["sub_norm"], headWidth, 1e-5);

    /// <summary>
    /// Declares the weight of the second attention. Returns a function of queries, keys and values, (N, tokens, C) each, and the heads'
    /// normalisation, which timm declares elsewhere.
    /// </summary>
    internal static Func<ForwardContext, Value, Value, Value, Layer, Value> DifferentialHeads(
        ParameterScope scope, long headWidth, int heads, int block)
    {
        var half = headWidth / 2;
        var (query1, key1, query2, key2) = (Vector("lambda_q1"), Vector("lambda_k1"), Vector("lambda_q2"), Vector("lambda_k2"));
        var initialWeight = 0.8 - (0.6 * Math.Exp(-0.3 * block));
        return (pass, queries, keys, values, norm) =>
        {
            using var tidy = torch.NewDisposeScope();
            var (q, k) = (Halves(queries), Halves(keys));
            var v = values.Reshape(values.Shape[0], values.Shape[1], heads, headWidth).Transpose(1, 2);
            var first = ScaledDotProductAttention(pass, $"{scope.Path}.first", q[0], k[0], v);
            var second = ScaledDotProductAttention(pass, $"{scope.Path}.second", q[1], k[1], v);
            var weight = (pass[query1] * pass[key1]).Sum().Exp() - (pass[query2] * pass[key2]).Sum().Exp() + initialWeight;
            var normed = norm(pass, first - (weight.To(second.Type) * second)) * (1 - initialWeight);
            return normed.Transpose(1, 2).Reshape(queries.Shape).MoveToOuterDisposeScope();
        };

        TensorSlot Vector(string name) => scope.Parameter(name, [half], new Initializer.Normal(0.1));

        // A head's two halves are adjacent.
        Value[] Halves(Value x) => x.Reshape(x.Shape[0], x.Shape[1], heads, 2, half).Permute(3, 0, 2, 1, 4).Unbind(0);
    }
}
