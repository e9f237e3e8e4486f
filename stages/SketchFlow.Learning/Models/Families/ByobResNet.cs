using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// The ResNets of CLIP (Radford et al. 2021) with attention pooling, and timm's own ResNets with SiLU and shallower stages. Follows timm's
/// <c>byobnet.py</c>.
/// </summary>
public static class ByobResNet
{
    /// <summary>Pooling after the stem's convolutions.</summary>
    public enum StemPool
    {
        /// <summary>No pooling; the last convolution has stride 2 instead.</summary>
        None,

        /// <summary>Maximum over 3 × 3.</summary>
        Max,

        /// <summary>Mean over 2 × 2.</summary>
        Average,
    }

    /// <summary>Channel gate after a block's 3 × 3 convolution.</summary>
    public enum Gate
    {
        /// <summary>No gate.</summary>
        None,

        /// <summary>Squeeze and excitation.</summary>
        SqueezeExcite,

        /// <summary>Efficient channel attention (ECA).</summary>
        EfficientChannelAttention,

        /// <summary>Global context, added (GCNet).</summary>
        GlobalContext,
    }

    /// <summary>Configuration of one architecture.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels per stage, four times those of its 3 × 3 convolutions.</summary>
        public ImmutableArray<int> Widths { get; init; } = [256, 512, 1024, 2048];

        /// <summary>Factor of all channel counts.</summary>
        public double Width { get; init; } = 1;

        /// <summary>Number of channels per group of the 3 × 3 convolutions; null is one group.</summary>
        public int? GroupWidth { get; init; }

        /// <summary>Number of channels of the stem's three convolutions.</summary>
        public ImmutableArray<int> Stem { get; init; } = [24, 32, 64];

        /// <summary>Pooling after the stem's convolutions.</summary>
        public StemPool StemPool { get; init; }

        /// <summary>Activation, which may work in place.</summary>
        public Layer Activation { get; init; } = Nn.Silu;

        /// <summary>Channel gate of the blocks.</summary>
        public Gate Gate { get; init; }

        /// <summary>Whether 2 × 2 average pooling replaces the strides of blocks and shortcuts (CLIP).</summary>
        public bool AverageDown { get; init; }

        /// <summary>Whether attention pooling replaces global average pooling (CLIP).</summary>
        public bool AttentionPooling { get; init; }

        /// <summary>Number of channels of a final 1 × 1 convolution before pooling; 0 has none.</summary>
        public int FinalChannels { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 256;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 0.9 };
    }

    // Ratio of the input side to the side of the last feature map.
    private const int Reduction = 32;

    private const int HeadWidth = 64;

    private static readonly Config Net26 = new() { Depths = [2, 2, 2, 2], GroupWidth = 32, StemPool = StemPool.Max };
    private static readonly Config Net33 = new() { Depths = [2, 3, 3, 2], Widths = [256, 512, 1536, 1536], FinalChannels = 1280 };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3], Gate = Gate.GlobalContext };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("ResNet (byobnet)",
    [
        ("resnext26ts", Net26),
        ("seresnext26ts", Net26 with { Gate = Gate.SqueezeExcite }),
        ("gcresnext26ts", Net26 with { Gate = Gate.GlobalContext }),
        ("eca_resnext26ts", Net26 with { Gate = Gate.EfficientChannelAttention }),
        ("resnet32ts", Net33 with { FinalChannels = 0 }),
        ("resnet33ts", Net33),
        ("gcresnet33ts", Net33 with { Gate = Gate.GlobalContext }),
        ("seresnet33ts", Net33 with { Gate = Gate.SqueezeExcite }),
        ("eca_resnet33ts", Net33 with { Gate = Gate.EfficientChannelAttention }),
        ("gcresnet50t", Net50 with { Activation = Nn.ReluInPlace }),
        ("gcresnext50ts", Net50 with { GroupWidth = 32, StemPool = StemPool.Max }),
        .. Clip("resnet50", [3, 4, 6, 3], 1, 224),
        .. Clip("resnet101", [3, 4, 23, 3], 1, 224),
        .. Clip("resnet50x4", [4, 6, 10, 6], 1.25, 288),
        .. Clip("resnet50x16", [6, 8, 18, 8], 1.5, 384),
        .. Clip("resnet50x64", [3, 15, 36, 10], 2, 448),
    ], Declare) with
    { Order = 3 };

    /// <summary>Returns CLIP's form, and timm's form with average pooling instead of attention pooling.</summary>
    private static IEnumerable<(string Name, Config Config)> Clip(string name, ImmutableArray<int> depths, double width, int size)
    {
        var config = new Config
        {
            Depths = depths,
            Width = width,
            Stem = [32, 32, 64],
            StemPool = StemPool.Average,
            Activation = Nn.ReluInPlace,
            AverageDown = true,
            InputSize = size,
            Preprocessing = Preprocessing.Clip with { CropPct = 0.9 },
        };
        return [($"{name}_clip", config with { AttentionPooling = true }), ($"{name}_clip_gap", config)];
    }

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)\.(\d+)", null), ("final_conv", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The architecture pools by attention, and the input size is not a multiple of 32.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: config.AttentionPooling ? Reduction : 1);
        var root = ParameterScope.Root();
        var parts = new List<Layer?> { DeclareStem(root["stem"], config) };
        var (channels, index, blocks) = (Scaled(config, config.Stem[^1]), 0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var width = Nn.MakeDivisible(config.Widths[stage] * config.Width);
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var scope = root["stages"][stage][block];
                var stride = block == 0 && stage > 0 ? 2 : 1;
                parts.Add(DeclareBlock(scope, config, channels, width, stride, Nn.DropPathAt(index, blocks, options.DropPath)));
                channels = width;
            }
        }

        if (config.FinalChannels > 0)
        {
            parts.Add(Nn.ConvNorm(root["final_conv"], channels, config.FinalChannels, new() { Activation = config.Activation }));
            channels = config.FinalChannels;
        }

        var linear = new LinearOptions { WeightInitializer = new Initializer.Normal(0.01), BiasInitializer = Initializer.Zeros };
        var dropout = Nn.Dropout("head", options.Dropout);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Features = Nn.Sequential(parts),
            Head = config.AttentionPooling
                ? Nn.Sequential(
                    Nn.AttentionPool2d(root["head"], channels, size / Reduction, (int)channels / HeadWidth),
                    dropout,
                    Nn.Classifier(root["head"]["proj"], channels, options.Classes, linear))
                : Nn.Sequential(Nn.GlobalAveragePool, dropout, Nn.Classifier(root["head"]["fc"], channels, options.Classes, linear)),
            Tensors = root.ToTensors(GroupRules),
            Classifier = config.AttentionPooling ? "head.proj" : "head.fc",
            FirstConvolution = "stem.conv1.conv",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config)
    {
        var parts = new List<Layer?>();
        var channels = 3L;
        foreach (var (i, unscaled) in config.Stem.Index())
        {
            var width = Scaled(config, unscaled);
            var halves = i == 0 || (i == config.Stem.Length - 1 && config.StemPool == StemPool.None);
            parts.Add(Nn.ConvNorm(scope[$"conv{i + 1}"], channels, width, Options(config, 3, halves ? 2 : 1)));
            channels = width;
        }

        parts.Add(config.StemPool switch { StemPool.Max => Nn.StemMaxPool, StemPool.Average => Halve, _ => null });
        return Nn.Sequential(parts);
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, long outChannels, int stride, double dropPath)
    {
        var middle = Nn.MakeDivisible(outChannels * 0.25);
        var shortcut = stride == 1 && inChannels == outChannels ? null
            : config.AverageDown ? Nn.Sequential(
                stride == 1 ? null : Nn.HalvingAveragePool,
                Nn.ConvNorm(scope["shortcut"]["conv"], inChannels, outChannels, new()))
            : Nn.ConvNorm(scope["shortcut"], inChannels, outChannels, new() { Convolution = new() { Stride = stride } });
        var pools = config.AverageDown && stride != 1;
        var branch = Nn.Sequential(
            Nn.ConvNorm(scope["conv1_1x1"], inChannels, middle, Options(config, 1)),
            Nn.ConvNorm(scope["conv2_kxk"], middle, middle, Options(config, 3, pools ? 1 : stride, middle / (config.GroupWidth ?? middle))),
            pools ? Halve : null,
            DeclareGate(scope["attn"], config, middle),
            Nn.ConvNorm(scope["conv3_1x1"], middle, outChannels, new() { Gamma = Initializer.Zeros }),
            Nn.DropPath(scope.Path, dropPath));
        return Nn.Block(scope, Nn.Tidy((pass, x) => config.Activation(pass, branch(pass, x).AddInPlace(shortcut is null ? x : shortcut(pass, x)))));
    }

    private static Layer? DeclareGate(ParameterScope scope, Config config, long channels)
    {
        var reduced = Nn.MakeDivisible(channels / 16.0, limit: 0);
        return config.Gate switch
        {
            Gate.SqueezeExcite => Nn.SqueezeExcite(scope, channels, new()
            {
                ReducedChannels = reduced,
                BiasInitializer = Initializer.Zeros,
            }),
            Gate.EfficientChannelAttention => Nn.EfficientChannelAttention(scope, channels),
            Gate.GlobalContext => Nn.GlobalContext(scope, channels, Nn.MakeDivisible(channels / 8.0, 1, 0), Nn.ReluInPlace, adds: true),
            _ => null,
        };
    }

    private static Layer Halve { get; } = (_, x) => x.AveragePool2d(2, 2);

    private static long Scaled(Config config, int channels) => (long)Math.Round(channels * config.Width);

    private static ConvNormOptions Options(Config config, int kernel, int stride = 1, long groups = 1) =>
        new() { Convolution = new() { Kernel = kernel, Stride = stride, Groups = groups }, Activation = config.Activation };
}
