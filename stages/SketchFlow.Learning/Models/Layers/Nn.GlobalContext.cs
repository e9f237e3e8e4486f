using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Channels scaled by a gate that sees the mean of the image under a learned attention to its pixels (Cao et al. 2019; timm's
    /// <c>GlobalContext</c>), in the place of squeeze and excitation, which sees the plain mean; or the same added, as the paper has it.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="reduced">Channels between.</param>
    /// <param name="activation">Between the two matrices.</param>
    /// <param name="adds">Added, starting at zero, instead of scaling.</param>
    public static Layer GlobalContext(ParameterScope scope, long channels, long reduced, Layer activation, bool adds = false)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasStart = Initializer.Zeros };
        var attention = Linear(scope["conv_attn"], channels, 1, stored with { Start = adds ? Initializer.HeFanIn(channels) : Initializer.HeFanOut(1, 1) });
        var inner = scope[adds ? "mlp_add" : "mlp_scale"];
        var transform = Sequence(
            Linear(inner["fc1"], channels, reduced, stored with { Start = Initializer.HeFanOut(reduced, 1) }),
            LayerNorm(inner["norm"], reduced),
            activation,
            Linear(inner["fc2"], reduced, channels, stored with { Start = adds ? Initializer.Zeros : Initializer.HeFanOut(channels, 1) }));
        return Tidy((pass, x) =>
        {
            var pixels = ChannelsToEnd(x).flatten(1, 2);
            var weights = attention(pass, pixels).softmax(1);
            var context = weights.transpose(1, 2).matmul(pixels).squeeze(1);
            var change = transform(pass, context).unsqueeze(-1).unsqueeze(-1);
            return adds ? x + change : x * change.sigmoid();
        });
    }
}
