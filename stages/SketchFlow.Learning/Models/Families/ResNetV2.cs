using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>ResNet with the normalisation first (He et al. 2016b) and Big Transfer's form of it (Kolesnikov et al. 2020), as timm's <c>resnetv2.py</c> has them.</summary>
public static class ResNetV2
{
    /// <summary>What makes a ResNetV2.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Bottlenecks (1 × 1, 3 × 3, 1 × 1) or pairs of 3 × 3.</summary>
        public bool Bottleneck { get; init; } = true;

        /// <summary>Multiplies all channels.</summary>
        public int Width { get; init; } = 1;

        /// <summary>Big Transfer: standardised kernels, group normalisation, and a stem padded before its pooling.</summary>
        public bool BigTransfer { get; init; }

        /// <summary>The normalisations, each with ReLU or its own activation.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>The stem.</summary>
        public ResNet.Stem Stem { get; init; } = ResNet.Stem.Plain;

        /// <summary>Average pooling before the shortcut's convolution instead of a stride in it.</summary>
        public bool AverageDown { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception;
    }

    private static readonly Config Basic18 = new() { Depths = [2, 2, 2, 2], Bottleneck = false };
    private static readonly Config Basic34 = new() { Depths = [3, 4, 6, 3], Bottleneck = false };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3], Preprocessing = Preprocessing.Inception with { CropPct = 0.95 } };
    private static readonly Config Net101 = Net50 with { Depths = [3, 4, 23, 3] };
    private static readonly Config Net152 = Crop875(Net50 with { Depths = [3, 8, 36, 3] });

    /// <summary>All of them, by timm's name.</summary>
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
    ], Declare);

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

    // timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)\.blocks\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
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
                parts.Add(DeclareBlock(scope, config, channels, width, stride, shortcut, Nn.DropPathAt(index, blocks, options.DropPath)));
                channels = width;
            }
        }

        parts.Add(Norm(root["norm"], config, channels));
        var head = Nn.PooledHead(root["head"], channels, options, new()
        {
            StoredAsConvolution = true,
            Start = new Initializer.Normal(0.01),
            BiasStart = Initializer.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = config.Stem == ResNet.Stem.Plain ? "stem.conv" : "stem.conv1",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config, long channels)
    {
        // Big Transfer pads with zeros, also where the pooled values are negative; the usual padding never wins a maximum.
        var pool = config.BigTransfer
            ? Nn.Sequence((_, x) => F.pad(x, [1, 1, 1, 1]), (_, x) => F.max_pool2d(x, [3, 3], [2, 2], [0, 0]))
            : Nn.StemMaxPool;
        if (config.Stem == ResNet.Stem.Plain)
        {
            return Nn.Sequence(Conv(scope["conv"], config, 3, channels, 7, 2), pool);
        }

        var first = config.Stem == ResNet.Stem.Deep ? channels / 2 : 3 * channels / 8;
        return Nn.Sequence(
            Conv(scope["conv1"], config, 3, first, 3, 2),
            Norm(scope["norm1"], config, first),
            Conv(scope["conv2"], config, first, channels / 2, 3),
            Norm(scope["norm2"], config, channels / 2),
            Conv(scope["conv3"], config, channels / 2, channels, 3),
            pool);
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, long outChannels, int stride, bool hasShortcut, double dropPath)
    {
        var shortcut = !hasShortcut ? null
            : config.AverageDown ? Nn.Sequence(stride == 1 ? null : Nn.HalvingAveragePool, Conv(scope["downsample"]["conv"], config, inChannels, outChannels, 1))
            : Conv(scope["downsample"]["conv"], config, inChannels, outChannels, 1, stride);
        var norm = Norm(scope["norm1"], config, inChannels);
        var middle = config.Bottleneck ? outChannels / 4 : outChannels;
        var branch = config.Bottleneck
            ? Nn.Sequence(
                Conv(scope["conv1"], config, inChannels, middle, 1),
                Norm(scope["norm2"], config, middle),
                Conv(scope["conv2"], config, middle, middle, 3, stride),
                Norm(scope["norm3"], config, middle),
                Conv(scope["conv3"], config, middle, outChannels, 1))
            : Nn.Sequence(
                Conv(scope["conv1"], config, inChannels, middle, 3, stride),
                Norm(scope["norm2"], config, middle),
                Conv(scope["conv2"], config, middle, outChannels, 3));
        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Checkpointed(Nn.Tidy((pass, x) =>
        {
            var before = norm(pass, x);
            var y = drop(pass, branch(pass, before));
            return y.add_(shortcut is null ? x : shortcut(pass, before));
        }));
    }

    private static Layer Norm(ParameterScope scope, Config config, long channels) =>
        Nn.Norm(scope, channels, config.Norm, Nn.ReluInPlace);

    private static Layer Conv(ParameterScope scope, Config config, long inChannels, long outChannels, int kernel, int stride = 1)
    {
        var options = new Conv2dOptions { Kernel = kernel, Stride = stride, Start = Initializer.HeFanOut(outChannels, kernel * kernel) };
        return config.BigTransfer
            ? Nn.StandardizedConv2d(scope, inChannels, outChannels, options, 1e-8)
            : Nn.Conv2d(scope, inChannels, outChannels, options);
    }
}
