using TorchSharp;

namespace SketchFlow.Learning.Models;

public static partial class Layers
{
    /// <summary>
    /// Channels scaled by a gate that sees the mean of the image under a learned attention to its pixels (Cao et al. 2019; timm's
    /// <c>GlobalContext</c>), in the place of squeeze and excitation, which sees the plain mean.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="reduced">Channels between.</param>
    /// <param name="activation">Between the two matrices.</param>
    public static Layer GlobalContext(Scope scope, long channels, long reduced, Layer activation)
    {
        var stored = new LinearOptions { StoredAsConvolution = true, BiasStart = Start.Zeros };
        var attention = Linear(scope["conv_attn"], channels, 1, stored with { Start = Start.HeFanOut(1, 1) });
        var inner = scope["mlp_scale"];
        var gating = Sequence(
            Linear(inner["fc1"], channels, reduced, stored with { Start = Start.HeFanOut(reduced, 1) }),
            LayerNorm(inner["norm"], reduced),
            activation,
            Linear(inner["fc2"], reduced, channels, stored with { Start = Start.HeFanOut(channels, 1) }));
        return Tidy((pass, x) =>
        {
            var pixels = ChannelsToEnd(x).flatten(1, 2);
            var weights = attention(pass, pixels).softmax(1);
            var context = weights.transpose(1, 2).matmul(pixels).squeeze(1);
            return x * gating(pass, context).sigmoid().unsqueeze(-1).unsqueeze(-1);
        });
    }
}
