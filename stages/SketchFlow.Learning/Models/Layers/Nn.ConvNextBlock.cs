namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares a ConvNeXt block (Liu et al. 2022) whose depthwise convolution may downsample and add channels (timm's <c>ConvNeXtBlock</c> in
    /// <c>maxxvit.py</c>): (N, C, H, W) to (N, C', H', W'). The fully connected layers are stored as 1 × 1 convolutions.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="inChannels">Number of input channels.</param>
    /// <param name="outChannels">Number of output channels, a multiple of the input channels; they differ only at stride 2.</param>
    /// <param name="stride">Stride; 2 halves the side of the image.</param>
    /// <param name="options">Settings of the block.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch in training.</param>
    public static Layer ConvNextBlock(
        ParameterScope scope, long inChannels, long outChannels, int stride, ConvNextBlockOptions options, double dropPath)
    {
        var biasInitializer = options.WeightInitializer is null ? null : Initializer.Zeros;
        var shortcut = stride == 1 ? null : Sequential(
            HalvingAveragePool,
            inChannels == outChannels
                ? null
                : Conv2d(scope["shortcut"]["expand"], inChannels, outChannels, new()
                {
                    Bias = true,
                    WeightInitializer = WeightInitializer(outChannels),
                    BiasInitializer = biasInitializer,
                }));
        var depthwise = Conv2d(scope["conv_dw"], inChannels, outChannels, new()
        {
            Kernel = 7,
            Stride = stride,
            Groups = inChannels,
            Bias = true,
            WeightInitializer = WeightInitializer(outChannels, 49, inChannels),
            BiasInitializer = biasInitializer,
        });
        var norm = LayerNorm(scope["norm"], outChannels);
        var stored = new LinearOptions
        {
            StoredAsConvolution = true,
            WeightInitializer = WeightInitializer(4 * outChannels),
            BiasInitializer = biasInitializer,
        };
        var mlp = Mlp(scope["mlp"], outChannels, 4 * outChannels, new() { Linear = stored, OutputInitializer = WeightInitializer(outChannels) });
        TensorSlot? gamma = options.LayerScale is { } layerScale
            ? scope["ls"].Parameter("gamma", [outChannels], new Initializer.Constant(layerScale))
            : null;
        var add = Residual(scope.Path, dropPath, gamma);
        return Tidy((pass, x) =>
        {
            var branch = mlp(pass, norm(pass, ChannelsToEnd(depthwise(pass, x))));
            return ChannelsToFront(add(pass, ChannelsToEnd(shortcut is null ? x : shortcut(pass, x)), branch));
        });

        Initializer? WeightInitializer(long channels, long area = 1, long groups = 1) => options.WeightInitializer?.Invoke(channels, area, groups);
    }
}
