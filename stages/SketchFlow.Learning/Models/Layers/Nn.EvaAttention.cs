using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Multi-head self-attention over (N, tokens, C) as EVA has it (Fang et al. 2023, 2024; timm's <c>EvaAttention</c>): keys
    /// without bias, positions by rotation.
    /// </summary>
    public static Layer EvaAttention(ParameterScope scope, long width, EvaAttentionOptions options)
    {
        var heads = options.Heads;
        var plain = LinearOptions.Small with { Bias = false };
        Func<ForwardContext, torch.Tensor, torch.Tensor[]> split;
        TensorSlot? table = null;
        if (options.Fused)
        {
            TensorSlot? queryBias = options.Bias ? scope.Parameter("q_bias", [width], Initializer.Zeros) : null;
            TensorSlot? valueBias = options.Bias ? scope.Parameter("v_bias", [width], Initializer.Zeros) : null;
            if (options.Places is { Side: var side })
            {
                long[] shape = [(((2 * side) - 1) * ((2 * side) - 1)) + ClassTokenRows, heads];
                table = scope.Parameter("relative_position_bias_table", shape, Initializer.Zeros, decays: false, relativePlaces: true, rowsBeside: ClassTokenRows);
            }

            var weight = scope["qkv"].Parameter("weight", [3 * width, width], LinearOptions.Small.Start!);
            var name = scope["qkv"].Path;
            split = (pass, x) =>
            {
                var bias = pass[queryBias] is { } q && pass[valueBias] is { } v ? torch.cat([q, torch.zeros_like(q), v]) : null;
                var all = pass.Tally?.Multiply(name, x, 3 * width, options.Bias) ?? F.linear(x, pass[weight], bias);
                return all.reshape(x.shape[0], x.shape[1], 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
            };
        }
        else
        {
            Layer[] each =
            [
                Linear(scope["q_proj"], width, width, LinearOptions.Small),
                Linear(scope["k_proj"], width, width, plain),
                Linear(scope["v_proj"], width, width, LinearOptions.Small),
            ];
            split = (pass, x) => [.. each.Select(one => one(pass, x).reshape(x.shape[0], x.shape[1], heads, width / heads).transpose(1, 2))];
        }

        var norm = options.InnerNorm ? LayerNorm(scope["norm"], width, options.Epsilon) : null;
        var projection = Linear(scope["proj"], width, width, LinearOptions.Small with { Start = options.ProjectionStart });
        return Tidy((pass, x) =>
        {
            var parts = split(pass, x);
            var (query, key) = Rotated(pass, options.Rotation, parts[0], parts[1]);
            var bias = pass[table] is { } rows ? options.Places?.Spread(pass, rows) : null;
            var mixed = Attend(pass, scope.Path, query, key, parts[2], bias).transpose(1, 2).reshape(x.shape);
            return projection(pass, norm is null ? mixed : norm(pass, mixed));
        });
    }

    // From the class token, to it, and its own.
    private const int ClassTokenRows = 3;

    /// <summary>Queries and keys after <paramref name="rotation"/>, if there is one; a count of the work goes past it.</summary>
    private static (torch.Tensor Query, torch.Tensor Key) Rotated(ForwardContext pass, RotaryEmbedding? rotation, torch.Tensor query, torch.Tensor key) =>
        rotation is null || pass.Tally is not null ? (query, key) : rotation(pass, query, key);
}
