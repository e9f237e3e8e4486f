using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // Dropout rate of the network over relative positions.
    private const double RelativeBiasDropout = 0.125;

    /// <summary>
    /// Declares biases (1, heads, tokens, tokens) for a square of tokens (timm's <c>RelPosBias</c>, <c>RelPosBiasTf</c> and <c>RelPosMlp</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="side">Number of tokens along a side.</param>
    /// <param name="gather">Gathers the biases for pairs of tokens: <see cref="GatherRelativeBias"/> of the side, which many layers share.</param>
    /// <param name="options">Source of the biases.</param>
    internal static Func<ForwardContext, Value> RelativeBias(ParameterScope scope, int heads, int side, Layer gather, RelativeBiasOptions options)
    {
        long across = (2 * side) - 1;
        switch (options.Kind)
        {
            case RelativeBiasKind.Network:
                var network = Sequential(
                    Linear(scope["mlp"]["fc1"], 2, options.HiddenFeatures, NetworkLayer(2, options.HiddenFeatures)),
                    ReluInPlace,
                    Dropout($"{scope.Path}.mlp", RelativeBiasDropout),
                    Linear(scope["mlp"]["fc2"], options.HiddenFeatures, heads, NetworkLayer(options.HiddenFeatures, heads)));
                var positions = LogRelativePositions(side);
                return pass => gather(pass, network(pass, positions(pass.AnyWeight)));
            case RelativeBiasKind.TensorFlowTable:
                var transposed = scope.Parameter(
                    "relative_position_bias_table", [heads, across, across], new Initializer.Normal(0.02), ParameterOptions.RelativeBiasTable);
                return pass => gather(pass, pass[transposed].Flatten(1).Transpose(0, 1));
            default:
                var table = scope.Parameter(
                    "relative_position_bias_table", [across * across, heads], new Initializer.TruncatedNormal(0.02), ParameterOptions.RelativeBiasTable);
                return pass => gather(pass, pass[table]);
        }

        LinearOptions NetworkLayer(long from, long to) => options.LayerOptions(from, to) with { Decays = options.NetworkDecays };
    }

    /// <summary>
    /// Declares biases (N, heads, tokens, tokens) for a square of tokens that depend on the query: the sum of its products with a learned
    /// vector for the row offset and with one for the column offset (Li et al. 2022, MViTv2; timm's <c>get_decomposed_rel_pos_bias</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="headWidth">Number of channels per head.</param>
    /// <param name="side">Number of tokens along a side.</param>
    internal static AttentionBias DecomposedBias(ParameterScope scope, long headWidth, int side)
    {
        var (down, right) = (Steps("rel_pos_h"), Steps("rel_pos_w"));

        // Indexed [query, key] along a side: the query's position minus the key's.
        var steps = ConstantIndices(() => [.. Enumerable.Range(0, side * side).Select(i => (long)((i / side) - (i % side) + side - 1))]);
        return (pass, query) =>
        {
            var (batch, heads, tokens) = (query.Shape[0], query.Shape[1], query.Shape[2]);
            var square = query.Reshape(batch, heads, side, side, headWidth);
            var vertical = pass.Named($"{scope.Path}.rel_pos_h", LayerKind.Linear, Value.Einsum("nhrcd,rkd->nhrck", square, Gather(down)));
            var horizontal = pass.Named($"{scope.Path}.rel_pos_w", LayerKind.Linear, Value.Einsum("nhrcd,ckd->nhrck", square, Gather(right)));
            return (vertical.Unsqueeze(-1) + horizontal.Unsqueeze(-2)).Reshape(batch, heads, tokens, tokens);

            Value Gather(TensorSlot slot) => pass[slot].IndexSelect(0, steps(pass[slot])).Reshape(side, side, headWidth);
        };

        TensorSlot Steps(string name) => scope.Parameter(name, [(2 * side) - 1, headWidth], Initializer.Zeros, new() { IsRelativeStepTable = true });
    }

    /// <summary>Returns the initialisation of fully connected layers in CoAtNet and MaxViT: timm's schemes <c>vit_eff</c> and <c>normal</c>.</summary>
    /// <param name="from">Number of input features.</param>
    /// <param name="to">Number of output features.</param>
    /// <param name="normal">Whether weights are normal with standard deviation 0.02; otherwise Glorot uniform (Glorot and Bengio 2010).</param>
    /// <param name="inMlp">Whether the layer belongs to an MLP, whose biases then start at small random values.</param>
    internal static LinearOptions TransformerLinear(long from, long to, bool normal, bool inMlp) => normal
        ? new() { WeightInitializer = new Initializer.Normal(0.02), BiasInitializer = Initializer.Zeros }
        : new()
        {
            WeightInitializer = new Initializer.Uniform(Math.Sqrt(6.0 / (from + to))),
            BiasInitializer = inMlp ? new Initializer.Normal(1e-6) : Initializer.Zeros,
        };

    /// <summary>
    /// Returns (positions, 2), the row and column of each relative position as sign × log(1 + |·|) (timm's <c>gen_relative_log_coords</c>,
    /// <c>cr</c>).
    /// </summary>
    internal static Func<Value, Value> LogRelativePositions(int side)
    {
        var across = (2 * side) - 1;
        return Constant(
            () =>
            {
                var values = new float[across * across * 2];
                for (var i = 0; i < values.Length; i++)
                {
                    float offset = (i % 2 == 0 ? i / 2 / across : i / 2 % across) - (side - 1);
                    values[i] = MathF.Sign(offset) * MathF.Log(1 + MathF.Abs(offset));
                }

                return values;
            },
            [across * across, 2]);
    }
}
