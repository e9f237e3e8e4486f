using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares global context (Cao et al. 2019; timm's <c>GlobalContext</c>): a gate for each channel from the mean of the image weighted by a
    /// learned attention over its pixels, where squeeze and excitation uses the plain mean; or, as in the paper, a term that is added.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input and output channels.</param>
    /// <param name="reduced">Number of channels between the two layers.</param>
    /// <param name="activation">Activation between the two layers.</param>
    /// <param name="adds">Whether the result is added, starting at zero, instead of scaling the channels.</param>
    public static Layer GlobalContext(ParameterScope scope, long channels, long reduced, Layer activation, bool adds = false)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasInitializer = Initializer.Zeros };
        var attention = Linear(
            scope["conv_attn"], channels, 1, stored with { WeightInitializer = adds ? Initializer.HeFanIn(channels) : Initializer.HeFanOut(1, 1) });
        var inner = scope[adds ? "mlp_add" : "mlp_scale"];
        var transform = Sequential(
            Linear(inner["fc1"], channels, reduced, stored with { WeightInitializer = Initializer.HeFanOut(reduced, 1) }),
            LayerNorm(inner["norm"], reduced),
            activation,
            Linear(inner["fc2"], reduced, channels, stored with { WeightInitializer = adds ? Initializer.Zeros : Initializer.HeFanOut(channels, 1) }));
        var name = $"{scope.Path}.context";
        return Tidy((pass, x) =>
        {
            var pixels = ChannelsToEnd(x).Flatten(1, 2);
            var weights = attention(pass, pixels).Softmax(1).Transpose(1, 2);
            // One head with one query.
            var tapped = pass.AttentionTap is null ? weights : pass.Attended(name, weights.Unsqueeze(1)).Squeeze(1);
            var over = x.IsRecorded ? pass.Over(new TokenLayout(0, (int)x.Shape[2], (int)x.Shape[3])) : pass;
            var context = over.Named(name, LayerKind.Attention, tapped.MatrixProduct(pixels)).Squeeze(1);
            var change = transform(pass, context).Unsqueeze(-1).Unsqueeze(-1);
            return adds ? x + change : x * change.Sigmoid();
        });
    }
}
