using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Pooling by attention (Radford et al. 2021, CLIP; timm's <c>AttentionPool2d</c> without its projection): (N, C, side, side) to (N, C),
    /// what the image's mean draws from all pixels and itself, each at its learned place.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="width">C.</param>
    /// <param name="side">Side of the image in pixels.</param>
    /// <param name="heads">Number of heads; divides the width.</param>
    public static Layer AttentionPool2d(ParameterScope scope, long width, long side, int heads)
    {
        var start = new Initializer.TruncatedNormal(1 / Math.Sqrt(width));
        var places = scope.Parameter("pos_embed", [(side * side) + 1, width], start, grid: new PositionGrid(1));
        var options = new LinearOptions { Start = start, BiasStart = Initializer.Zeros };
        var (query, key, value) = (Linear(scope["q"], width, width, options), Linear(scope["k"], width, width, options), Linear(scope["v"], width, width, options));
        return Tidy((pass, x) =>
        {
            var pixels = ChannelsToEnd(x).flatten(1, 2);
            var tokens = torch.cat([pixels.mean([1], keepdim: true), pixels], 1) + pass[places].to(x.dtype);

            // Of all that could be asked, the mean's answer alone is kept.
            var mixed = Attend(pass, scope.Path, Split(query(pass, tokens.narrow(1, 0, 1))), Split(key(pass, tokens)), Split(value(pass, tokens)));
            return mixed.reshape(x.shape[0], width);

            torch.Tensor Split(torch.Tensor t) => t.reshape(t.shape[0], t.shape[1], heads, width / heads).transpose(1, 2);
        });
    }
}
