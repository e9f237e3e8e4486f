using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Precision;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Computes scaled dot-product attention, softmax(q k / sqrt(width) + bias) v, over (N, heads, tokens, head width) with PyTorch's fused
    /// kernel; or, if the pass has a tap for probabilities, as a softmax and two matrix products.
    /// </summary>
    /// <param name="pass">Forward context.</param>
    /// <param name="name">Name of the layer.</param>
    /// <param name="query">Queries.</param>
    /// <param name="key">Keys.</param>
    /// <param name="value">Values.</param>
    /// <param name="bias">Bias of the products of queries and keys, which may broadcast over samples; null has none.</param>
    internal static Value ScaledDotProductAttention(
        ForwardContext pass, string name, Value query, Value key, Value value, Value? bias = null)
    {
        var mixed = pass.AttentionTap is null
            ? Value.Attend(query, key, value, bias, pass.Training)
            : pass.Attended(name, Value.AttentionProbabilities(query, key, bias)).MatrixProduct(value);
        return pass.Named(name, LayerKind.Attention, mixed);
    }

    /// <summary>
    /// Declares multi-head self-attention over (N, tokens, C) with queries, keys and values from one matrix (Vaswani et al. 2017; timm's
    /// <c>Attention</c>, and <c>AttentionRope</c> with a rotary embedding).
    /// </summary>
    public static Layer Attention(ParameterScope scope, long width, AttentionOptions options)
    {
        var qkv = Linear(scope["qkv"], width, 3 * width, options.Linear with { Bias = options.QkvBias });
        var bias = options.Bias?.Invoke(scope);
        var norm = options.InnerNorm?.Invoke(scope["norm"]);
        var projection = Linear(
            scope["proj"],
            width,
            width,
            options.Linear with { Bias = options.ProjectionBias, WeightInitializer = options.ProjectionInitializer ?? options.Linear.WeightInitializer });
        var heads = options.Heads;
        return Tidy((pass, x) =>
        {
            var (batch, tokens) = (x.Shape[0], x.Shape[1]);
            var parts = qkv(pass, x).Reshape(batch, tokens, 3, heads, width / heads).Permute(2, 0, 3, 1, 4).Unbind(0);
            var (query, key) = ApplyRotaryEmbedding(pass, options.RotaryEmbedding, parts[0], parts[1]);
            var mixed = ScaledDotProductAttention(pass, scope.Path, query, key, parts[2], bias?.Invoke(pass, parts[0]));
            var joined = mixed.Transpose(1, 2).Reshape(batch, tokens, width);
            return projection(pass, norm is null ? joined : norm(pass, joined));
        });
    }

    /// <summary>
    /// Declares multi-head attention pooling with one learned query, (N, tokens, C) to (N, C) (Lee et al. 2019; timm's
    /// <c>AttentionPoolLatent</c>, the head of SigLIP).
    /// </summary>
    public static Layer AttentionPool(ParameterScope scope, long width, int heads, long hidden, Layer activation, double epsilon)
    {
        var latent = scope.Parameter("latent", [1, 1, width], new Initializer.TruncatedNormal(Math.Pow(width, -0.5)));
        var query = Linear(scope["q"], width, width, LinearOptions.TruncatedNormal);
        var keyValue = Linear(scope["kv"], width, 2 * width, LinearOptions.TruncatedNormal);
        var projection = Linear(scope["proj"], width, width, LinearOptions.TruncatedNormal);
        var norm = LayerNorm(scope["norm"], width, epsilon);
        var mlp = Mlp(scope["mlp"], width, hidden, new() { Activation = activation });
        return Tidy((pass, x) =>
        {
            var (batch, tokens) = (x.Shape[0], x.Shape[1]);
            var q = query(pass, pass[latent]).Expand(batch, -1, -1).Reshape(batch, 1, heads, width / heads).Transpose(1, 2);
            var parts = keyValue(pass, x).Reshape(batch, tokens, 2, heads, width / heads).Permute(2, 0, 3, 1, 4).Unbind(0);
            var mixed = ScaledDotProductAttention(pass, scope.Path, q, parts[0], parts[1]).Transpose(1, 2).Reshape(batch, 1, width);
            var pooled = projection(pass, mixed);
            return (pooled + mlp(pass, norm(pass, pooled))).Select(1, 0);
        });
    }
}
