using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares attention pooling (Radford et al. 2021, CLIP; timm's <c>AttentionPool2d</c> without its projection), (N, C, side, side) to
    /// (N, C). The query is the image's mean; keys and values are the mean and all pixels, with a learned position embedding.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="width">Number of channels.</param>
    /// <param name="side">Side of the image in pixels.</param>
    /// <param name="heads">Number of heads, a divisor of the width.</param>
    public static Layer AttentionPool2d(ParameterScope scope, long width, long side, int heads)
    {
        var initializer = new Initializer.TruncatedNormal(1 / Math.Sqrt(width));
        var positions = scope.Parameter("pos_embed", [(side * side) + 1, width], initializer, new() { PositionGrid = new(1) });
        var options = new LinearOptions { WeightInitializer = initializer, BiasInitializer = Initializer.Zeros };
        var query = Linear(scope["q"], width, width, options);
        var key = Linear(scope["k"], width, width, options);
        var value = Linear(scope["v"], width, width, options);
        return Over(new TokenLayout(1, (int)side, (int)side), Tidy((pass, x) =>
        {
            var pixels = ChannelsToEnd(x).Flatten(1, 2);
            var tokens = Value.Concatenate([pixels.Mean([1], keep: true), pixels], 1) + pass[positions].To(x.Type);

            // Only the mean is used as a query.
            var mixed = ScaledDotProductAttention(
                pass, scope.Path, Split(query(pass, tokens.Narrow(1, 0, 1))), Split(key(pass, tokens)), Split(value(pass, tokens)));
            return mixed.Reshape(x.Shape[0], width);

            Value Split(Value t) => t.Reshape(t.Shape[0], t.Shape[1], heads, width / heads).Transpose(1, 2);
        }));
    }
}
