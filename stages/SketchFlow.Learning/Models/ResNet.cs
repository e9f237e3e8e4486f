using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>ResNet and ResNeXt (He et al. 2016; Xie et al. 2017; the D stem: He et al. 2019; SE: Hu et al. 2018), as timm's <c>resnet.py</c> has them.</summary>
public static class ResNet
{
    /// <summary>What the image meets first.</summary>
    public enum Stem
    {
        /// <summary>One 7 × 7 convolution, 64 channels.</summary>
        Plain,

        /// <summary>Three 3 × 3 convolutions of 32, 32 and 64 channels (ResNet-C, -D).</summary>
        Deep,

        /// <summary>Three 3 × 3 convolutions of 24, 32 and 64 channels (timm's -t).</summary>
        Tiered,
    }

    /// <summary>What makes a ResNet.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Bottlenecks (1 × 1, 3 × 3, 1 × 1, out four times as wide) or pairs of 3 × 3.</summary>
        public bool Bottleneck { get; init; } = true;

        /// <summary>Groups of the 3 × 3 convolution in a bottleneck (cardinality).</summary>
        public int Groups { get; init; } = 1;

        /// <summary>Channels of a group in the first stage; 64 with one group is the plain bottleneck.</summary>
        public int GroupWidth { get; init; } = 64;

        /// <summary>The stem.</summary>
        public Stem Stem { get; init; } = Stem.Plain;

        /// <summary>Average pooling before the shortcut's convolution instead of a stride in it (ResNet-D).</summary>
        public bool AverageDown { get; init; }

        /// <summary>Squeeze and excitation, reduced 16 times, at the end of each block.</summary>
        public bool SqueezeExcite { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    private static readonly Config Basic18 = new() { Depths = [2, 2, 2, 2], Bottleneck = false };
    private static readonly Config Basic34 = new() { Depths = [3, 4, 6, 3], Bottleneck = false };
    private static readonly Config Net26 = new() { Depths = [2, 2, 2, 2] };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3] };
    private static readonly Config Net101 = new() { Depths = [3, 4, 23, 3] };
    private static readonly Config Net152 = new() { Depths = [3, 8, 36, 3] };
    private static readonly Config Net200 = new() { Depths = [3, 24, 36, 3] };
    private static readonly Preprocessing Crop95 = Preprocessing.ImageNet with { CropPct = 0.95 };
    private static readonly Preprocessing Bilinear = Preprocessing.ImageNet with { Interpolation = "bilinear" };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Of<Config>("ResNet",
    [
        ("resnet18", Basic18 with { Preprocessing = Crop95 }),
        ("resnet18d", D(Basic18)),
        ("resnet34", Basic34 with { Preprocessing = Crop95 }),
        ("resnet34d", D(Basic34)),
        ("resnet26", Net26),
        ("resnet26d", D(Net26)),
        ("resnet26t", D(Net26) with { Stem = Stem.Tiered, InputSize = 256, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.94 } }),
        ("resnet50", Net50 with { Preprocessing = Crop95 }),
        ("resnet50c", Net50 with { Stem = Stem.Deep }),
        ("resnet50d", D(Net50)),
        ("resnet50t", D(Net50) with { Stem = Stem.Tiered }),
        ("resnet101", Net101 with { Preprocessing = Crop95 }),
        ("resnet101d", D(Net101) with { InputSize = 256, Preprocessing = Crop95 }),
        ("resnet152", Net152 with { Preprocessing = Crop95 }),
        ("resnet152d", D(Net152) with { InputSize = 256, Preprocessing = Crop95 }),
        ("resnet200", Net200),
        ("resnet200d", D(Net200) with { InputSize = 256, Preprocessing = Crop95 }),
        ("wide_resnet50_2", Net50 with { GroupWidth = 128 }),
        ("wide_resnet101_2", Net101 with { GroupWidth = 128, Preprocessing = Bilinear }),
        ("resnext50_32x4d", X(Net50, 32, 4) with { Preprocessing = Crop95 }),
        ("resnext50d_32x4d", D(X(Net50, 32, 4))),
        ("resnext101_32x4d", X(Net101, 32, 4) with { Preprocessing = Bilinear }),
        ("resnext101_32x8d", X(Net101, 32, 8) with { Preprocessing = Bilinear }),
        ("resnext101_32x16d", X(Net101, 32, 16) with { Preprocessing = Bilinear }),
        ("resnext101_32x32d", X(Net101, 32, 32) with { Preprocessing = Bilinear }),
        ("resnext101_64x4d", X(Net101, 64, 4) with { Preprocessing = Crop95 }),
        ("seresnet50", Net50 with { SqueezeExcite = true, Preprocessing = Crop95 }),
        ("seresnet152d", D(Net152) with { SqueezeExcite = true, InputSize = 256, Preprocessing = Crop95 }),
        ("seresnext50_32x4d", X(Net50, 32, 4) with { SqueezeExcite = true }),
        ("seresnext101_32x8d", X(Net101, 32, 8) with { SqueezeExcite = true, Preprocessing = Crop95 }),
        ("seresnext101d_32x8d", D(X(Net101, 32, 8)) with { SqueezeExcite = true, Preprocessing = Crop95 }),
    ], Declare);

    private static Config D(Config config) => config with { Stem = Stem.Deep, AverageDown = true };

    private static Config X(Config config, int groups, int width) => config with { Groups = groups, GroupWidth = width };

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = Scope.Root();
        var blocks = config.Depths.Sum();
        var (body, channels) = DeclareBody(root, config, options.DropPath);
        var classifier = Layers.Classifier(root.InGroup(blocks + 1)["fc"], channels, options.Classes);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(),
            Features = body,
            Head = Layers.Sequence(Layers.GlobalAveragePool, Layers.Dropout("fc", options.Dropout), classifier),
            Classifier = "fc",
            FirstConvolution = config.Stem == Stem.Plain ? "conv1" : "conv1.0",
        };
    }

    /// <summary>Stem and stages, and the channels that they end with.</summary>
    /// <param name="root">Where it declares.</param>
    /// <param name="config">What it is.</param>
    /// <param name="dropPath">Drop path of the last block.</param>
    /// <param name="oneGroup">All in the scope's layer group instead of one for each block.</param>
    internal static (Layer Body, long Channels) DeclareBody(Scope root, Config config, double dropPath, bool oneGroup = false)
    {
        var parts = new List<Layer> { DeclareStem(root, config.Stem) };
        var blocks = config.Depths.Sum();
        var (channels, index) = (64L, 0);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var width = 64L << stage;
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var stride = block == 0 && stage > 0 ? 2 : 1;
                var scope = root[$"layer{stage + 1}"][block];
                scope = oneGroup ? scope : scope.InGroup(index + 1);
                parts.Add(DeclareBlock(scope, config, channels, width, stride, Layers.DropPathAt(index, blocks, dropPath)));
                channels = config.Bottleneck ? width * 4 : width;
            }
        }

        return (Layers.Sequence(parts), channels);
    }

    private static Layer DeclareStem(Scope root, Stem stem)
    {
        if (stem == Stem.Plain)
        {
            return Layers.Sequence(Conv(root["conv1"], 3, 64, 7, 2), Layers.BatchNorm2dRelu(root["bn1"], 64), Layers.StemMaxPool);
        }

        var conv1 = root["conv1"];
        var first = stem == Stem.Deep ? 32 : 24;
        return Layers.Sequence(
            Conv(conv1[0], 3, first, 3, 2),
            Layers.BatchNorm2dRelu(conv1[1], first),
            Conv(conv1[3], first, 32, 3),
            Layers.BatchNorm2dRelu(conv1[4], 32),
            Conv(conv1[6], 32, 64, 3),
            Layers.BatchNorm2dRelu(root["bn1"], 64),
            Layers.StemMaxPool);
    }

    private static Layer DeclareBlock(Scope scope, Config config, long inChannels, long width, int stride, double dropPath)
    {
        var outChannels = config.Bottleneck ? width * 4 : width;
        Layer branch;
        if (config.Bottleneck)
        {
            var middle = width * config.GroupWidth / 64 * config.Groups;
            branch = Layers.Sequence(
                Conv(scope["conv1"], inChannels, middle, 1),
                Layers.BatchNorm2dRelu(scope["bn1"], middle),
                Conv(scope["conv2"], middle, middle, 3, stride, config.Groups),
                Layers.BatchNorm2dRelu(scope["bn2"], middle),
                Conv(scope["conv3"], middle, outChannels, 1),
                Layers.BatchNorm2d(scope["bn3"], outChannels, gamma: Start.Zeros));
        }
        else
        {
            branch = Layers.Sequence(
                Conv(scope["conv1"], inChannels, width, 3, stride),
                Layers.BatchNorm2dRelu(scope["bn1"], width),
                Conv(scope["conv2"], width, width, 3),
                Layers.BatchNorm2d(scope["bn2"], width, gamma: Start.Zeros));
        }

        var excite = config.SqueezeExcite ? DeclareSqueezeExcite(scope["se"], outChannels) : null;
        var down = stride != 1 || inChannels != outChannels ? DeclareShortcut(scope["downsample"], config, inChannels, outChannels, stride) : null;
        var drop = Layers.DropPath(scope.Path, dropPath);
        return Layers.Recomputed(Layers.Tidy((pass, x) =>
        {
            var y = branch(pass, x);
            y = excite is null ? y : excite(pass, y);
            y = drop(pass, y);
            return y.add_(down is null ? x : down(pass, x)).relu_();
        }));
    }

    private static Layer DeclareSqueezeExcite(Scope scope, long channels)
    {
        var reduced = Layers.Divisible(channels / 16.0, limit: 0);
        return Layers.SqueezeExcite(scope, channels, new()
        {
            Reduced = reduced,
            ReduceStart = Start.HeFanOut(reduced, 1),
            ExpandStart = Start.HeFanOut(channels, 1),
        });
    }

    /// <summary>The convolution of the shortcut; before it, where the config says so, the mean over 2 × 2.</summary>
    private static Layer DeclareShortcut(Scope scope, Config config, long inChannels, long outChannels, int stride) => config.AverageDown
        ? Layers.Sequence(
            stride == 1 ? null : Layers.HalvingAveragePool,
            Conv(scope[1], inChannels, outChannels, 1),
            Layers.BatchNorm2d(scope[2], outChannels))
        : Layers.Sequence(
            Conv(scope[0], inChannels, outChannels, 1, stride),
            Layers.BatchNorm2d(scope[1], outChannels));

    private static Layer Conv(Scope scope, long inChannels, long outChannels, int kernel, int stride = 1, int groups = 1) =>
        Layers.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Groups = groups,
            Start = Start.HeFanOut(outChannels, kernel * kernel),
        });
}
