using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // Of the network over relative places.
    private const double RelativeBiasDropout = 0.125;

    /// <summary>Biases (1, heads, tokens, tokens) for a square of tokens (timm's <c>RelPosBias</c>, <c>RelPosBiasTf</c> and <c>RelPosMlp</c>).</summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="side">Tokens along a side.</param>
    /// <param name="spread">Brings biases of places to pairs of tokens: <see cref="SpreadBias"/> of the side, which many layers share.</param>
    /// <param name="options">Its form.</param>
    internal static Func<ForwardContext, torch.Tensor> RelativeBias(ParameterScope scope, int heads, int side, Layer spread, RelativeBiasOptions options)
    {
        long across = (2 * side) - 1;
        switch (options.From)
        {
            case RelativePosition.Network:
                var network = Sequence(
                    Linear(scope["mlp"]["fc1"], 2, options.Features, options.Network(2, options.Features) with { Decays = options.Decays }),
                    ReluInPlace,
                    Dropout($"{scope.Path}.mlp", RelativeBiasDropout),
                    Linear(scope["mlp"]["fc2"], options.Features, heads, options.Network(options.Features, heads) with { Decays = options.Decays }));
                var places = LogPlaces(side);
                return pass => spread(pass, network(pass, places(pass.Any)));
            case RelativePosition.TensorFlowTable:
                var transposed = scope.Parameter(
                    "relative_position_bias_table", [heads, across, across], new Initializer.Normal(0.02), decays: false, relativePlaces: true);
                return pass => spread(pass, pass[transposed].flatten(1).t());
            default:
                var table = scope.Parameter(
                    "relative_position_bias_table", [across * across, heads], new Initializer.TruncatedNormal(0.02), decays: false, relativePlaces: true);
                return pass => spread(pass, pass[table]);
        }
    }

    /// <summary>
    /// Biases (N, heads, tokens, tokens) for a square of tokens that depend on the query: its product with a learned vector for the step
    /// down to the key, and with one for the step to the right (Li et al. 2022, MViTv2; timm's <c>get_decomposed_rel_pos_bias</c>).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="headWidth">Channels of a query.</param>
    /// <param name="side">Tokens along a side.</param>
    internal static AttentionBias DecomposedBias(ParameterScope scope, long headWidth, int side)
    {
        var (down, right) = (Steps("rel_pos_h"), Steps("rel_pos_w"));

        // [query, key] along a side: the query's place less the key's.
        var steps = Indices(() => [.. Enumerable.Range(0, side * side).Select(i => (long)((i / side) - (i % side) + side - 1))]);
        return (pass, query) =>
        {
            if (pass.Tally is { } tally)
            {
                tally.Multiply($"{scope.Path}.rel_pos_h", query, side, bias: false);
                return tally.Multiply($"{scope.Path}.rel_pos_w", query, side, bias: false);
            }

            var (batch, heads, tokens) = (query.shape[0], query.shape[1], query.shape[2]);
            var square = query.reshape(batch, heads, side, side, headWidth);
            var vertical = torch.einsum("nhrcd,rkd->nhrck", square, Spread(down));
            var horizontal = torch.einsum("nhrcd,ckd->nhrck", square, Spread(right));
            return (vertical.unsqueeze(-1) + horizontal.unsqueeze(-2)).reshape(batch, heads, tokens, tokens);

            torch.Tensor Spread(TensorSlot slot) => pass[slot].index_select(0, steps(pass[slot])).reshape(side, side, headWidth);
        };

        TensorSlot Steps(string name) => scope.Parameter(name, [(2 * side) - 1, headWidth], Initializer.Zeros, relativeSteps: true);
    }

    /// <summary>How a matrix of CoAtNet's and MaxViT's transformers starts: timm's <c>vit_eff</c>, or its <c>normal</c> where <paramref name="small"/>.</summary>
    /// <param name="from">Features in.</param>
    /// <param name="to">Features out.</param>
    /// <param name="small">Normal with standard deviation 0.02 instead of uniform by the features (Glorot and Bengio 2010).</param>
    /// <param name="inMlp">Whether it belongs to an MLP: its biases are not quite zero then.</param>
    internal static LinearOptions TransformerMatrix(long from, long to, bool small, bool inMlp) => small
        ? new() { Start = new Initializer.Normal(0.02), BiasStart = Initializer.Zeros }
        : new() { Start = new Initializer.Uniform(Math.Sqrt(6.0 / (from + to))), BiasStart = inMlp ? new Initializer.Normal(1e-6) : Initializer.Zeros };

    /// <summary>(places, 2): row and column of each relative place, as sign × log(1 + |·|) (timm's <c>gen_relative_log_coords</c>, <c>cr</c>).</summary>
    internal static Func<torch.Tensor, torch.Tensor> LogPlaces(int side)
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
