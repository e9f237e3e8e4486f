namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// An inverted bottleneck with a channel gate behind a normalisation (Sandler et al. 2018; Dai et al. 2021; timm's
    /// <c>MbConvBlock</c> in <c>maxxvit.py</c>): (N, C, H, W) to (N, C', H', W').
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="inChannels">Channels in.</param>
    /// <param name="outChannels">Channels out; they differ from those in at stride 2 alone.</param>
    /// <param name="stride">2 halves the image.</param>
    /// <param name="options">Its form.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch in training.</param>
    public static Layer MbConv(ParameterScope scope, long inChannels, long outChannels, int stride, MbConvOptions options, double dropPath)
    {
        var middle = Divisible((options.ExpandsOutput ? outChannels : inChannels) * 4.0);
        var reduced = (long)(options.GateRatio * (options.ExpandsOutput ? outChannels : middle));
        var shortcut = stride == 1 ? null : Sequence(
            options.MaxPoolShortcut ? StemMaxPool : HalvingAveragePool,
            inChannels == outChannels ? null : Conv("shortcut.expand", inChannels, outChannels, 1, 1, bias: options.OutputBias));
        var before = Sequence(BatchNorm2d(scope["pre_norm"], inChannels, options.Epsilon), options.ActivatesFirst ? options.Activation : null);
        var pool = options.Pools && stride == 2 ? HalvingAveragePool : null;
        var expand = Conv("conv1_1x1", inChannels, middle, 1, 1);
        var norm1 = Norm("norm1");
        var depthwise = Conv("conv2_kxk", middle, middle, 3, pool is null ? stride : 1, groups: middle);
        var early = options.GatesEarly ? Gate("se_early") : null;
        var norm2 = Norm("norm2");
        var late = options.GatesEarly ? null : Gate("se");
        var shrink = Conv("conv3_1x1", middle, outChannels, 1, 1, bias: options.OutputBias);
        var branch = Sequence(before, pool, expand, norm1, depthwise, early, norm2, late, shrink, DropPath(scope.Path, dropPath));
        return Tidy((pass, x) => branch(pass, x).add_(shortcut is null ? x : shortcut(pass, x)));

        Layer Norm(string name) => Sequence(BatchNorm2d(scope[name], middle, options.Epsilon), options.Activation);

        Layer Gate(string name) => SqueezeExcite(scope[name], middle, new()
        {
            Reduced = reduced,
            Activation = options.GateActivation,
            ReduceStart = Initializer.HeFanOut(reduced, 1),
            ExpandStart = Initializer.HeFanOut(middle, 1),
            BiasStart = Initializer.Zeros,
        });

        Layer Conv(string name, long from, long to, int kernel, int step, bool bias = false, long groups = 1) => Conv2d(scope[name], from, to, new()
        {
            Kernel = kernel,
            Stride = step,
            Groups = groups,
            Bias = bias,
            Same = options.Same,
            Start = Initializer.HeFanOut(to, kernel * kernel, groups),
            BiasStart = Initializer.Zeros,
        });
    }
}
