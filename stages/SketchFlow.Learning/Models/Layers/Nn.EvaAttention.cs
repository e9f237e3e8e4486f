using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares EVA's multi-head self-attention over (N, tokens, C) (Fang et al. 2023, 2024; timm's <c>EvaAttention</c>): keys have no bias,
    /// and positions enter by rotary embedding.
    /// </summary>
    public static Layer EvaAttention(ParameterScope scope, long width, EvaAttentionOptions options)
    {
        var heads = options.Heads;
        var plain = LinearOptions.TruncatedNormal with { Bias = false };
        Func<ForwardContext, Value, Value[]> split;
        TensorSlot? table = null;
        if (options.Fused)
        {
            TensorSlot? queryBias = options.Bias ? scope.Parameter("q_bias", [width], Initializer.Zeros) : null;
            TensorSlot? valueBias = options.Bias ? scope.Parameter("v_bias", [width], Initializer.Zeros) : null;
            if (options.RelativeBias is { Side: var side })
            {
                long[] shape = [(((2 * side) - 1) * ((2 * side) - 1)) + ClassTokenRows, heads];
                table = scope.Parameter(
                    "relative_position_bias_table", shape, Initializer.Zeros, ParameterOptions.RelativeBiasTable with { ExtraRows = ClassTokenRows });
            }

            var weight = scope["qkv"].Parameter("weight", [3 * width, width], LinearOptions.TruncatedNormal.WeightInitializer!);
            var name = scope["qkv"].Path;
            split = (pass, x) =>
            {
                Value? bias = pass[queryBias] is { } q && pass[valueBias] is { } v ? Value.Concatenate([q, q.ZerosLike(), v]) : null;
                var all = pass.Named(name, LayerKind.Linear, x.Linear(pass[weight], bias));
                return all.Reshape(x.Shape[0], x.Shape[1], 3, heads, width / heads).Permute(2, 0, 3, 1, 4).Unbind(0);
            };
        }
        else
        {
            Layer[] each =
            [
                Linear(scope["q_proj"], width, width, LinearOptions.TruncatedNormal),
                Linear(scope["k_proj"], width, width, plain),
                Linear(scope["v_proj"], width, width, LinearOptions.TruncatedNormal),
            ];
            split = (pass, x) => [.. each.Select(one => one(pass, x).Reshape(x.Shape[0], x.Shape[1], heads, width / heads).Transpose(1, 2))];
        }

        var norm = options.InnerNorm ? LayerNorm(scope["norm"], width, options.Epsilon) : null;
        var projection = Linear(scope["proj"], width, width, LinearOptions.TruncatedNormal with { WeightInitializer = options.ProjectionInitializer });
        return Tidy((pass, x) =>
        {
            var parts = split(pass, x);
            var (query, key) = ApplyRotaryEmbedding(pass, options.RotaryEmbedding, parts[0], parts[1]);
            var bias = pass[table] is { } rows ? options.RelativeBias?.Gather(pass, rows) : null;
            var mixed = ScaledDotProductAttention(pass, scope.Path, query, key, parts[2], bias).Transpose(1, 2).Reshape(x.Shape);
            return projection(pass, norm is null ? mixed : norm(pass, mixed));
        });
    }

    // Rows for pairs with the class token as query, as key, and as both.
    private const int ClassTokenRows = 3;

    /// <summary>Rotates queries and keys if there is a rotary embedding.</summary>
    private static (Value Query, Value Key) ApplyRotaryEmbedding(
        ForwardContext pass, RotaryEmbedding? embedding, Value query, Value key) =>
        embedding is null ? (query, key) : embedding(pass, query, key);
}
