using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// The ResNets of CLIP (Radford et al. 2021), which pool by attention, and timm's own with SiLU and shallower stages, as timm's
/// <c>byobnet.py</c> has them.
/// </summary>
public static class ByobResNet
{
    /// <summary>What follows the stem's convolutions.</summary>
    public enum StemPool
    {
        /// <summary>Nothing: the last of them halves the image.</summary>
        None,

        /// <summary>The maximum over 3 × 3.</summary>
        Max,

        /// <summary>The mean over 2 × 2.</summary>
        Average,
    }

    /// <summary>A gate behind a block's 3 × 3 convolution.</summary>
    public enum Gate
    {
        /// <summary>None.</summary>
        None,

        /// <summary>Squeeze and excitation.</summary>
        SqueezeExcite,

        /// <summary>A convolution over neighbouring channels' means (ECA).</summary>
        NeighbouringChannels,

        /// <summary>The image's mean under attention, added (GCNet).</summary>
        GlobalContext,
    }

    /// <summary>What makes one.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels a stage, four times those of its 3 × 3 convolutions.</summary>
        public ImmutableArray<int> Widths { get; init; } = [256, 512, 1024, 2048];

        /// <summary>Multiplies all channels.</summary>
        public double Width { get; init; } = 1;

        /// <summary>Channels of a group of the 3 × 3 convolutions; null is all.</summary>
        public int? GroupWidth { get; init; }

        /// <summary>Channels of the stem's three convolutions.</summary>
        public ImmutableArray<int> Stem { get; init; } = [24, 32, 64];

        /// <summary>What follows them.</summary>
        public StemPool StemPool { get; init; }

        /// <summary>The activation; it may work in place.</summary>
        public Layer Activation { get; init; } = Nn.Silu;

        /// <summary>The blocks' gates.</summary>
        public Gate Gate { get; init; }

        /// <summary>CLIP's: the mean over 2 × 2 wherever a block or its shortcut would have a stride.</summary>
        public bool Averages { get; init; }

        /// <summary>CLIP's: attention in the place of the last pooling.</summary>
        public bool PoolsByAttention { get; init; }

        /// <summary>Channels of a 1 × 1 convolution before the pooling; 0 goes without.</summary>
        public int Last { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 256;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 0.9 };
    }

    // All stages together halve the image five times.
    private const int Reduction = 32;

    private const int HeadWidth = 64;

    private static readonly Config Net26 = new() { Depths = [2, 2, 2, 2], GroupWidth = 32, StemPool = StemPool.Max };
    private static readonly Config Net33 = new() { Depths = [2, 3, 3, 2], Widths = [256, 512, 1536, 1536], Last = 1280 };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3], Gate = Gate.GlobalContext };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("ResNet (byobnet)",
    [
        ("resnext26ts", Net26),
        ("seresnext26ts", Net26 with { Gate = Gate.SqueezeExcite }),
        ("gcresnext26ts", Net26 with { Gate = Gate.GlobalContext }),
        ("eca_resnext26ts", Net26 with { Gate = Gate.NeighbouringChannels }),
        ("resnet32ts", Net33 with { Last = 0 }),
        ("resnet33ts", Net33),
        ("gcresnet33ts", Net33 with { Gate = Gate.GlobalContext }),
        ("seresnet33ts", Net33 with { Gate = Gate.SqueezeExcite }),
        ("eca_resnet33ts", Net33 with { Gate = Gate.NeighbouringChannels }),
        ("gcresnet50t", Net50 with { Activation = Nn.ReluInPlace }),
        ("gcresnext50ts", Net50 with { GroupWidth = 32, StemPool = StemPool.Max }),
        .. Clip("resnet50", [3, 4, 6, 3], 1, 224),
        .. Clip("resnet101", [3, 4, 23, 3], 1, 224),
        .. Clip("resnet50x4", [4, 6, 10, 6], 1.25, 288),
        .. Clip("resnet50x16", [6, 8, 18, 8], 1.5, 384),
        .. Clip("resnet50x64", [3, 15, 36, 10], 2, 448),
    ], Declare);

    /// <summary>CLIP's own form, and timm's with a mean for its attention.</summary>
    private static IEnumerable<(string Name, Config Config)> Clip(string name, ImmutableArray<int> depths, double width, int size)
    {
        var config = new Config
        {
            Depths = depths,
            Width = width,
            Stem = [32, 32, 64],
            StemPool = StemPool.Average,
            Activation = Nn.ReluInPlace,
            Averages = true,
            InputSize = size,
            Preprocessing = Preprocessing.Clip with { CropPct = 0.9 },
        };
        return [($"{name}_clip", config with { PoolsByAttention = true }), ($"{name}_clip_gap", config)];
    }

    // timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)\.(\d+)", null), ("final_conv", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">It pools by attention, whose places are cells of 32 pixels, and the image is no multiple of that.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        if (config.PoolsByAttention && size % Reduction != 0)
        {
            var below = size / Reduction * Reduction;
            throw new RefusalException($"{name} was asked for at {size} pixels; it takes multiples of {Reduction}, such as {below} or {below + Reduction}.");
        }

        var root = ParameterScope.Root();
        var parts = new List<Layer?> { DeclareStem(root["stem"], config) };
        var (channels, index, blocks) = (Scaled(config, config.Stem[^1]), 0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var width = Nn.Divisible(config.Widths[stage] * config.Width);
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var scope = root["stages"][stage][block];
                var stride = block == 0 && stage > 0 ? 2 : 1;
                parts.Add(DeclareBlock(scope, config, channels, width, stride, Nn.DropPathAt(index, blocks, options.DropPath)));
                channels = width;
            }
        }

        if (config.Last > 0)
        {
            parts.Add(ConvNorm(root["final_conv"], channels, config.Last, 1, 1, config.Activation));
            channels = config.Last;
        }

        var start = new LinearOptions { Start = new Initializer.Normal(0.01), BiasStart = Initializer.Zeros };
        var dropout = Nn.Dropout("head", options.Dropout);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Features = Nn.Sequence(parts),
            Head = config.PoolsByAttention
                ? Nn.Sequence(
                    Nn.AttentionPool2d(root["head"], channels, size / Reduction, (int)channels / HeadWidth),
                    dropout,
                    Nn.Classifier(root["head"]["proj"], channels, options.Classes, start))
                : Nn.Sequence(Nn.GlobalAveragePool, dropout, Nn.Classifier(root["head"]["fc"], channels, options.Classes, start)),
            Tensors = root.Declared(GroupRules),
            Classifier = config.PoolsByAttention ? "head.proj" : "head.fc",
            FirstConvolution = "stem.conv1.conv",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config)
    {
        var parts = new List<Layer?>();
        var channels = 3L;
        foreach (var (i, wanted) in config.Stem.Index())
        {
            var width = Scaled(config, wanted);
            var halves = i == 0 || (i == config.Stem.Length - 1 && config.StemPool == StemPool.None);
            parts.Add(ConvNorm(scope[$"conv{i + 1}"], channels, width, 3, halves ? 2 : 1, config.Activation));
            channels = width;
        }

        parts.Add(config.StemPool switch { StemPool.Max => Nn.StemMaxPool, StemPool.Average => Halve, _ => null });
        return Nn.Sequence(parts);
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, long outChannels, int stride, double dropPath)
    {
        var middle = Nn.Divisible(outChannels * 0.25);
        var shortcut = stride == 1 && inChannels == outChannels ? null
            : config.Averages ? Nn.Sequence(
                stride == 1 ? null : Nn.HalvingAveragePool,
                ConvNorm(scope["shortcut"]["conv"], inChannels, outChannels, 1, 1, null))
            : ConvNorm(scope["shortcut"], inChannels, outChannels, 1, stride, null);
        var smooth = config.Averages && stride != 1;
        var branch = Nn.Sequence(
            ConvNorm(scope["conv1_1x1"], inChannels, middle, 1, 1, config.Activation),
            ConvNorm(scope["conv2_kxk"], middle, middle, 3, smooth ? 1 : stride, config.Activation, middle / (config.GroupWidth ?? middle)),
            smooth ? Halve : null,
            DeclareGate(scope["attn"], config, middle),
            ConvNorm(scope["conv3_1x1"], middle, outChannels, 1, 1, null, gamma: Initializer.Zeros),
            Nn.DropPath(scope.Path, dropPath));
        return Nn.Checkpointed(Nn.Tidy((pass, x) => config.Activation(pass, branch(pass, x).add_(shortcut is null ? x : shortcut(pass, x)))));
    }

    private static Layer? DeclareGate(ParameterScope scope, Config config, long channels)
    {
        var reduced = Nn.Divisible(channels / 16.0, limit: 0);
        return config.Gate switch
        {
            Gate.SqueezeExcite => Nn.SqueezeExcite(scope, channels, new()
            {
                Reduced = reduced,
                ReduceStart = Initializer.HeFanOut(reduced, 1),
                ExpandStart = Initializer.HeFanOut(channels, 1),
                BiasStart = Initializer.Zeros,
            }),
            Gate.NeighbouringChannels => Nn.EfficientChannelAttention(scope, channels),
            Gate.GlobalContext => Nn.GlobalContext(scope, channels, Nn.Divisible(channels / 8.0, 1, 0), Nn.ReluInPlace, adds: true),
            _ => null,
        };
    }

    private static Layer Halve { get; } = (_, x) => F.avg_pool2d(x, [2, 2], [2, 2]);

    private static long Scaled(Config config, int channels) => (long)Math.Round(channels * config.Width);

    private static Layer ConvNorm(
        ParameterScope scope, long inChannels, long outChannels, int kernel, int stride, Layer? activation, long groups = 1, Initializer? gamma = null) =>
        Nn.ConvNorm(
            scope,
            inChannels,
            outChannels,
            new() { Kernel = kernel, Stride = stride, Groups = groups, Start = Initializer.HeFanOut(outChannels, kernel * kernel, groups) },
            activation,
            gamma: gamma);
}
