using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Pre-activation ResNet (He et al. 2016b) and its form in Big Transfer (Kolesnikov et al. 2020). Follows timm's <c>resnetv2.py</c>.
/// </summary>
public static class ResNetV2
{
    /// <summary>Configuration of a ResNetV2.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Whether blocks are bottlenecks (1 × 1, 3 × 3, 1 × 1); otherwise pairs of 3 × 3 convolutions.</summary>
        public bool Bottleneck { get; init; } = true;

        /// <summary>Factor of all channel counts.</summary>
        public int Width { get; init; } = 1;

        /// <summary>Whether the network has Big Transfer's form: standardised kernels and a stem padded before its pooling.</summary>
        public bool BigTransfer { get; init; }

        /// <summary>Kind of normalisation, each with ReLU or its own activation.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Kind of stem.</summary>
        public ResNet.Stem Stem { get; init; } = ResNet.Stem.Plain;

        /// <summary>Whether average pooling before the shortcut's convolution replaces its stride.</summary>
        public bool AverageDown { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception;
    }

    private static readonly Config Basic18 = new() { Depths = [2, 2, 2, 2], Bottleneck = false };
    private static readonly Config Basic34 = new() { Depths = [3, 4, 6, 3], Bottleneck = false };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3], Preprocessing = Preprocessing.Inception with { CropPct = 0.95 } };
    private static readonly Config Net101 = Net50 with { Depths = [3, 4, 23, 3] };
    private static readonly Config Net152 = Crop875(Net50 with { Depths = [3, 8, 36, 3] });

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("ResNetV2",
    [
        ("resnetv2_18", Basic18),
        ("resnetv2_18d", D(Basic18)),
        ("resnetv2_34", Basic34),
        ("resnetv2_34d", D(Basic34)),
        ("resnetv2_50", Net50),
        ("resnetv2_50d", Crop875(D(Net50))),
        ("resnetv2_50t", Crop875(D(Net50)) with { Stem = ResNet.Stem.Tiered }),
        ("resnetv2_101", Net101),
        ("resnetv2_101d", Crop875(D(Net101))),
        ("resnetv2_152", Net152),
        ("resnetv2_152d", D(Net152)),
        ("resnetv2_50d_gn", D(Net50) with { Norm = GroupNorm }),
        ("resnetv2_50x1_bit", Crop875(Bit(Net50, 1)) with { InputSize = 224 }),
        ("resnetv2_50x3_bit", Bit(Net50, 3)),
        ("resnetv2_101x1_bit", Bit(Net101, 1)),
        ("resnetv2_101x3_bit", Bit(Net101, 3)),
        ("resnetv2_152x2_bit", Crop875(Bit(Net152, 2)) with { InputSize = 224 }),
        ("resnetv2_152x4_bit", Bit(Net152, 4) with { InputSize = 480 }),
        ("resnetv2_50d_evos", D(Net50) with { Norm = new() { Kind = NormKind.EvoNorm } }),
        ("resnetv2_50d_frn", Crop875(D(Net50)) with { Norm = new() { Kind = NormKind.FilterResponse } }),
    ], Declare) with
    { Order = 2 };

    private static NormOptions GroupNorm => new() { Kind = NormKind.Group };

    private static Config D(Config config) => config with { Stem = ResNet.Stem.Deep, AverageDown = true };

    private static Config Crop875(Config config) => config with { Preprocessing = Preprocessing.Inception with { CropPct = 0.875 } };

    private static Config Bit(Config config, int width) => config with
    {
        BigTransfer = true,
        Norm = GroupNorm,
        Width = width,
        InputSize = 448,
        Preprocessing = Preprocessing.Inception with { Interpolation = "bilinear", CropPct = 1 },
    };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        "stem", (@"stages\.(\d+)\.blocks\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var channels = 64L * config.Width;
        var parts = new List<Layer> { DeclareStem(root["stem"], config, channels) };
        var blocks = config.Depths.Sum();
        var index = 0;
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var width = ((config.Bottleneck ? 256L : 64L) << stage) * config.Width;
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var scope = root["stages"][stage]["blocks"][block];
                var stride = block == 0 && stage > 0 ? 2 : 1;
                var shortcut = block == 0 && (config.Bottleneck || stride != 1 || channels != width);
                var shape = new BlockShape(channels, width, stride, Nn.DropPathAt(index, blocks, options.DropPath));
                parts.Add(DeclareBlock(scope, config, shape, shortcut));
                channels = width;
            }
        }

        parts.Add(Norm(root["norm"], config, channels));
        var head = Nn.PooledHead(root["head"], channels, options, new()
        {
            StoredAsConvolution = true,
            WeightInitializer = new Initializer.Normal(0.01),
            BiasInitializer = Initializer.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = config.Stem == ResNet.Stem.Plain ? "stem.conv" : "stem.conv1",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config, long channels)
    {
        // Big Transfer pads with zeros, which can exceed negative values; the padding of max pooling itself is never the maximum.
        var pool = config.BigTransfer
            ? Nn.Sequential((_, x) => x.Pad([1, 1, 1, 1]), (_, x) => x.MaxPool2d(3, 2))
            : Nn.StemMaxPool;
        if (config.Stem == ResNet.Stem.Plain)
        {
            return Nn.Sequential(Conv(scope["conv"], config, 3, channels, 7, 2), pool);
        }

        var first = config.Stem == ResNet.Stem.Deep ? channels / 2 : 3 * channels / 8;
        return Nn.Sequential(
            Conv(scope["conv1"], config, 3, first, 3, 2),
            Norm(scope["norm1"], config, first),
            Conv(scope["conv2"], config, first, channels / 2, 3),
            Norm(scope["norm2"], config, channels / 2),
            Conv(scope["conv3"], config, channels / 2, channels, 3),
            pool);
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, BlockShape shape, bool hasShortcut)
    {
        var (inChannels, outChannels, stride, dropPath) = shape;
        var shortcut = !hasShortcut ? null
            : config.AverageDown ? Nn.Sequential(
                stride == 1 ? null : Nn.HalvingAveragePool,
                Conv(scope["downsample"]["conv"], config, inChannels, outChannels, 1))
            : Conv(scope["downsample"]["conv"], config, inChannels, outChannels, 1, stride);
        var norm = Norm(scope["norm1"], config, inChannels);
        var middle = config.Bottleneck ? outChannels / 4 : outChannels;
        var branch = config.Bottleneck
            ? Nn.Sequential(
                Conv(scope["conv1"], config, inChannels, middle, 1),
                Norm(scope["norm2"], config, middle),
                Conv(scope["conv2"], config, middle, middle, 3, stride),
                Norm(scope["norm3"], config, middle),
                Conv(scope["conv3"], config, middle, outChannels, 1))
            : Nn.Sequential(
                Conv(scope["conv1"], config, inChannels, middle, 3, stride),
                Norm(scope["norm2"], config, middle),
                Conv(scope["conv2"], config, middle, outChannels, 3));
        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var before = norm(pass, x);
            var y = drop(pass, branch(pass, before));
            return y.AddInPlace(shortcut is null ? x : shortcut(pass, before));
        }));
    }

    private static Layer Norm(ParameterScope scope, Config config, long channels) =>
        Nn.Norm(scope, channels, config.Norm, Nn.ReluInPlace);

    private static Layer Conv(ParameterScope scope, Config config, long inChannels, long outChannels, int kernel, int stride = 1)
    {
        var options = new Conv2dOptions { Kernel = kernel, Stride = stride, WeightInitializer = Initializer.HeFanOut(outChannels, kernel * kernel) };
        return config.BigTransfer
            ? Nn.StandardizedConv2d(scope, inChannels, outChannels, options, 1e-8)
            : Nn.Conv2d(scope, inChannels, outChannels, options);
    }
}
