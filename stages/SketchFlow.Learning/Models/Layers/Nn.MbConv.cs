namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares an inverted bottleneck with a channel gate, after a normalisation (Sandler et al. 2018; Dai et al. 2021; timm's
    /// <c>MbConvBlock</c> in <c>maxxvit.py</c>): (N, C, H, W) to (N, C', H', W').
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="inChannels">Number of input channels.</param>
    /// <param name="outChannels">Number of output channels, which differs from the input channels only at stride 2.</param>
    /// <param name="stride">Stride; 2 halves the side of the image.</param>
    /// <param name="options">Settings of the block.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch in training.</param>
    public static Layer MbConv(ParameterScope scope, long inChannels, long outChannels, int stride, MbConvOptions options, double dropPath)
    {
        var middle = MakeDivisible((options.ExpandsOutput ? outChannels : inChannels) * 4.0);
        var reduced = (long)(options.GateRatio * (options.ExpandsOutput ? outChannels : middle));
        var shortcut = stride == 1 ? null : Sequential(
            options.MaxPoolShortcut ? StemMaxPool : HalvingAveragePool,
            inChannels == outChannels ? null : Conv("shortcut.expand", inChannels, outChannels, new() { Bias = options.OutputBias }));
        var before = Sequential(BatchNorm2d(scope["pre_norm"], inChannels, options.Epsilon), options.ActivatesFirst ? options.Activation : null);
        var pool = options.PoolsFirst && stride == 2 ? HalvingAveragePool : null;
        var expand = Conv("conv1_1x1", inChannels, middle, new());
        var norm1 = Norm("norm1");
        var depthwise = Conv("conv2_kxk", middle, middle, new() { Kernel = 3, Stride = pool is null ? stride : 1, Groups = middle });
        var early = options.GateBeforeNorm ? Gate("se_early") : null;
        var norm2 = Norm("norm2");
        var late = options.GateBeforeNorm ? null : Gate("se");
        var shrink = Conv("conv3_1x1", middle, outChannels, new() { Bias = options.OutputBias });
        var branch = Sequential(before, pool, expand, norm1, depthwise, early, norm2, late, shrink, DropPath(scope.Path, dropPath));
        return Tidy((pass, x) => branch(pass, x).AddInPlace(shortcut is null ? x : shortcut(pass, x)));

        Layer Norm(string name) => Sequential(BatchNorm2d(scope[name], middle, options.Epsilon), options.Activation);

        Layer Gate(string name) => SqueezeExcite(scope[name], middle, new()
        {
            ReducedChannels = reduced,
            Activation = options.GateActivation,
            BiasInitializer = Initializer.Zeros,
        });

        Layer Conv(string name, long from, long to, Conv2dOptions conv) => Conv2d(scope[name], from, to, conv with
        {
            Same = options.Same,
            WeightInitializer = Initializer.HeFanOut(to, conv.Kernel * conv.Kernel, conv.Groups),
            BiasInitializer = Initializer.Zeros,
        });
    }
}
