using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models;

/// <summary>Settings of EVA's self-attention.</summary>
public sealed record EvaAttentionOptions
{
    /// <summary>Number of heads; divides the width.</summary>
    public required int Heads { get; init; }

    /// <summary>Queries, keys and values from one matrix with two biases beside it, or from one matrix each.</summary>
    public bool Fused { get; init; } = true;

    /// <summary>Normalisation before the last matrix.</summary>
    public bool InnerNorm { get; init; }

    /// <summary>Turns queries and keys by the place of their token; null goes without.</summary>
    public Func<torch.Tensor, torch.Tensor>? Rotation { get; init; }

    /// <summary>Epsilon of the normalisation.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Start of the last matrix.</summary>
    public Start ProjectionStart { get; init; } = new Start.TruncatedNormal(0.02);
}

public static partial class Layers
{
    /// <summary>
    /// Multi-head self-attention over (N, tokens, C) as EVA has it (Fang et al. 2023, 2024; timm's <c>EvaAttention</c>): keys
    /// without bias, positions by rotation.
    /// </summary>
    public static Layer EvaAttention(Scope scope, long width, EvaAttentionOptions options)
    {
        var heads = options.Heads;
        var plain = LinearOptions.Small with { Bias = false };
        Func<Pass, torch.Tensor, torch.Tensor[]> split;
        if (options.Fused)
        {
            var queryBias = scope.Parameter("q_bias", [width], Start.Zeros);
            var valueBias = scope.Parameter("v_bias", [width], Start.Zeros);
            var weight = scope["qkv"].Parameter("weight", [3 * width, width], LinearOptions.Small.Start!);
            var name = scope["qkv"].Path;
            split = (pass, x) =>
            {
                var bias = torch.cat([pass[queryBias], torch.zeros_like(pass[queryBias]), pass[valueBias]]);
                var all = pass.Tally?.Multiply(name, x, 3 * width) ?? F.linear(x, pass[weight], bias);
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
            var (query, key) = options.Rotation is { } rotate && pass.Tally is null ? (rotate(parts[0]), rotate(parts[1])) : (parts[0], parts[1]);
            var mixed = Attend(pass, scope.Path, query, key, parts[2]).transpose(1, 2).reshape(x.shape);
            return projection(pass, norm is null ? mixed : norm(pass, mixed));
        });
    }

    /// <summary>
    /// Rotary position embedding over a square of patches (Su et al. 2021, in two dimensions; timm's <c>RotaryEmbeddingCat</c>):
    /// neighbouring pairs of a head's channels turn, half of them with the row, half with the column.
    /// </summary>
    /// <param name="side">Patches along a side.</param>
    /// <param name="reference">Patches along a side in pre-training: another side spans the same angles.</param>
    /// <param name="headWidth">Channels of a head, a multiple of 4.</param>
    /// <param name="prefix">Tokens in front that stand for no place and are not turned.</param>
    /// <returns>A function of (N, heads, prefix + side × side, head width).</returns>
    public static Func<torch.Tensor, torch.Tensor> Rotation(int side, int reference, int headWidth, int prefix)
    {
        var bands = headWidth / 4;
        var (cosines, sines) = (new float[side * side * headWidth], new float[side * side * headWidth]);
        for (var i = 0; i < cosines.Length; i++)
        {
            var (patch, channel) = (i / headWidth, i % headWidth);
            var (axis, band) = (channel / 2 / bands, channel / 2 % bands);

            // In float32 throughout, as timm computes them.
            var place = (axis == 0 ? patch / side : patch % side) / (float)side * reference;
            var angle = place * (1 / MathF.Pow(10000, band / (float)bands));
            cosines[i] = MathF.Cos(angle);
            sines[i] = (channel % 2 == 0 ? -1 : 1) * MathF.Sin(angle);
        }

        long[] shape = [1, 1, side * side, headWidth];
        var (cosine, sine) = (Constant(cosines, shape), Constant(sines, shape));
        return x =>
        {
            using var scope = torch.NewDisposeScope();
            var first = x.narrow(2, 0, prefix);
            var places = x.narrow(2, prefix, x.shape[2] - prefix);

            // (a, b) to (b, a) in each pair: the sign of the sine is in its table.
            var swapped = places.reshape(x.shape[0], x.shape[1], places.shape[2], headWidth / 2, 2).flip(-1).reshape(places.shape);
            var turned = (places * cosine(x)) + (swapped * sine(x));
            return torch.cat([first, turned], 2).MoveToOuterDisposeScope();
        };
    }
}
