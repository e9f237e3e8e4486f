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
        Func<ForwardContext, torch.Tensor, torch.Tensor[]> split;
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
                var bias = pass[queryBias] is { } q && pass[valueBias] is { } v ? torch.cat([q, torch.zeros_like(q), v]) : null;
                var all = pass.Counter?.Multiply(name, x, 3 * width, options.Bias) ?? F.linear(x, pass[weight], bias);
                return all.reshape(x.shape[0], x.shape[1], 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
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
            split = (pass, x) => [.. each.Select(one => one(pass, x).reshape(x.shape[0], x.shape[1], heads, width / heads).transpose(1, 2))];
        }

        var norm = options.InnerNorm ? LayerNorm(scope["norm"], width, options.Epsilon) : null;
        var projection = Linear(scope["proj"], width, width, LinearOptions.TruncatedNormal with { WeightInitializer = options.ProjectionInitializer });
        return Tidy((pass, x) =>
        {
            var parts = split(pass, x);
            var (query, key) = ApplyRotaryEmbedding(pass, options.RotaryEmbedding, parts[0], parts[1]);
            var bias = pass[table] is { } rows ? options.RelativeBias?.Gather(pass, rows) : null;
            var mixed = ScaledDotProductAttention(pass, scope.Path, query, key, parts[2], bias).transpose(1, 2).reshape(x.shape);
            return projection(pass, norm is null ? mixed : norm(pass, mixed));
        });
    }

    // Rows for pairs with the class token as query, as key, and as both.
    private const int ClassTokenRows = 3;

    /// <summary>Rotates queries and keys if there is a rotary embedding; counting the work skips it.</summary>
    private static (torch.Tensor Query, torch.Tensor Key) ApplyRotaryEmbedding(
        ForwardContext pass, RotaryEmbedding? embedding, torch.Tensor query, torch.Tensor key) =>
        embedding is null || pass.Counter is not null ? (query, key) : embedding(pass, query, key);
}
