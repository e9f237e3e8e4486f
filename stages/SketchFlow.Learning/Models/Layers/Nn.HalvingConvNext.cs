namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// A ConvNeXt block (Liu et al. 2022) whose depthwise convolution may halve the image and widen it (timm's <c>ConvNeXtBlock</c> in
    /// <c>maxxvit.py</c>): (N, C, H, W) to (N, C', H', W'). The matrices are stored as 1 × 1 convolutions.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="inChannels">Channels in.</param>
    /// <param name="outChannels">Channels out, a multiple of those in; they differ at stride 2 alone.</param>
    /// <param name="stride">2 halves the image.</param>
    /// <param name="options">Its form.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch in training.</param>
    public static Layer HalvingConvNext(ParameterScope scope, long inChannels, long outChannels, int stride, HalvingConvNextOptions options, double dropPath)
    {
        var biasStart = options.Start is null ? null : Initializer.Zeros;
        var shortcut = stride == 1 ? null : Sequence(
            HalvingAveragePool,
            inChannels == outChannels
                ? null
                : Conv2d(scope["shortcut"]["expand"], inChannels, outChannels, new() { Bias = true, Start = Fresh(outChannels), BiasStart = biasStart }));
        var depthwise = Conv2d(scope["conv_dw"], inChannels, outChannels, new()
        {
            Kernel = 7,
            Stride = stride,
            Groups = inChannels,
            Bias = true,
            Start = Fresh(outChannels, 49, inChannels),
            BiasStart = biasStart,
        });
        var norm = LayerNorm(scope["norm"], outChannels);
        var stored = new LinearOptions { StoredAsConvolution = true, Start = Fresh(4 * outChannels), BiasStart = biasStart };
        var mlp = Mlp(scope["mlp"], outChannels, 4 * outChannels, Gelu, stored, last: Fresh(outChannels));
        TensorSlot? gamma = options.LayerScale is { } start ? scope["ls"].Parameter("gamma", [outChannels], new Initializer.Constant(start)) : null;
        var add = Residual(scope.Path, dropPath, gamma);
        return Tidy((pass, x) =>
        {
            var branch = mlp(pass, norm(pass, ChannelsToEnd(depthwise(pass, x))));
            return ChannelsToFront(add(pass, ChannelsToEnd(shortcut is null ? x : shortcut(pass, x)), branch));
        });

        Initializer? Fresh(long channels, long area = 1, long groups = 1) => options.Start?.Invoke(channels, area, groups);
    }
}
