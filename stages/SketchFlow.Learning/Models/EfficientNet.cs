using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>EfficientNet and EfficientNetV2 (Tan and Le 2019, 2021), as timm's <c>efficientnet.py</c> has them; <c>tf_</c> names have TensorFlow's padding and epsilon.</summary>
public static class EfficientNet
{
    /// <summary>What a stage's blocks are.</summary>
    public enum Block
    {
        /// <summary>One convolution.</summary>
        Plain,

        /// <summary>A widening convolution that is not depthwise, and a narrowing one (EfficientNetV2's fused form).</summary>
        Fused,

        /// <summary>Widening, depthwise, channel gate, narrowing.</summary>
        Inverted,
    }

    /// <summary>A row of the papers' tables.</summary>
    /// <param name="Block">What its blocks are.</param>
    /// <param name="Blocks">How many.</param>
    /// <param name="Kernel">Side of the kernel in pixels.</param>
    /// <param name="Stride">Stride of the first block.</param>
    /// <param name="Expansion">Middle channels over input channels.</param>
    /// <param name="Channels">Channels that come out.</param>
    public readonly record struct Stage(Block Block, int Blocks, int Kernel, int Stride, int Expansion, int Channels);

    /// <summary>What makes an EfficientNet.</summary>
    public sealed record Config
    {
        /// <summary>The stages before they are widened and deepened.</summary>
        public required ImmutableArray<Stage> Stages { get; init; }

        /// <summary>Multiplies channels, which are then rounded to eights.</summary>
        public double Width { get; init; } = 1;

        /// <summary>Multiplies blocks a stage, rounded up.</summary>
        public double Depth { get; init; } = 1;

        /// <summary>The same for the last two stages, where it differs.</summary>
        public double? LastDepth { get; init; }

        /// <summary>Channels behind the stem, before they are widened.</summary>
        public int First { get; init; } = 32;

        /// <summary>Channels before the classifier.</summary>
        public int Last { get; init; } = 1280;

        /// <summary>Whether <see cref="Last"/> is widened too.</summary>
        public bool WidensLast { get; init; } = true;

        /// <summary>Rounded channels may not fall below this part of what was asked.</summary>
        public double RoundLimit { get; init; } = 0.9;

        /// <summary>TensorFlow's padding and epsilon.</summary>
        public bool TensorFlow { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    // Table 1 of the first paper.
    private static readonly ImmutableArray<Stage> Version1 =
    [
        new(Block.Inverted, 1, 3, 1, 1, 16),
        new(Block.Inverted, 2, 3, 2, 6, 24),
        new(Block.Inverted, 2, 5, 2, 6, 40),
        new(Block.Inverted, 3, 3, 2, 6, 80),
        new(Block.Inverted, 3, 5, 1, 6, 112),
        new(Block.Inverted, 4, 5, 2, 6, 192),
        new(Block.Inverted, 1, 3, 1, 6, 320),
    ];

    private static readonly Config Version2 = new() { Stages = [], First = 24, WidensLast = false };

    private static readonly Config V2Small = Version2 with
    {
        WidensLast = true,
        Stages = V2([(2, 24), (4, 48), (4, 64), (6, 128), (9, 160), (15, 256)]),
    };

    private static readonly Config V2SmallRw = V2Small with
    {
        Stages = V2([(2, 24), (4, 48), (4, 64), (6, 128), (9, 160), (15, 272)]).SetItem(0, new(Block.Fused, 2, 3, 1, 1, 24)),
        Last = 1792,
    };

    private static readonly Config V2Medium = Version2 with
    {
        Stages = V2([(3, 24), (5, 48), (5, 80), (7, 160), (14, 176), (18, 304), (5, 512)]),
    };

    private static readonly Config V2Large = Version2 with
    {
        First = 32,
        Stages = V2([(4, 32), (7, 64), (7, 96), (10, 192), (19, 224), (25, 384), (7, 640)]),
    };

    private static readonly Config V2XLarge = Version2 with
    {
        First = 32,
        Stages = V2([(4, 32), (8, 64), (8, 96), (16, 192), (24, 256), (32, 512), (8, 640)]),
    };

    private static readonly Config V2Base = new()
    {
        Stages = V2([(1, 16), (2, 32), (2, 48), (3, 96), (5, 112), (8, 192)]),
        RoundLimit = 0,
    };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Of<Config>("EfficientNet",
    [
        ("efficientnet_b0", B(1.0, 1.0, 224)),
        ("efficientnet_b1", B(1.0, 1.1, 240) with { Preprocessing = Preprocessing.Inception }),
        ("efficientnet_b2", B(1.1, 1.2, 256)),
        ("efficientnet_b3", B(1.2, 1.4, 288)),
        ("efficientnet_b4", B(1.4, 1.8, 320)),
        ("efficientnet_b5", B(1.6, 2.2, 448, 1) with { Preprocessing = Preprocessing.ImageNet with { CropPct = 1, CropMode = "squash" } }),
        ("efficientnet_b6", B(1.8, 2.6, 528, 0.942)),
        ("efficientnet_b7", B(2.0, 3.1, 600, 0.949)),
        ("efficientnet_b8", B(2.2, 3.6, 672, 0.954)),
        ("efficientnet_l2", B(4.3, 5.3, 800, 0.961)),
        ("efficientnetv2_rw_t", At(V2Small, 224) with { Width = 0.8, Depth = 0.9 }),
        ("efficientnetv2_rw_s", At(V2SmallRw, 288)),
        ("efficientnetv2_rw_m", At(V2SmallRw, 320) with { Width = 1.2, Depth = 1.2, LastDepth = 1.6 }),
        ("efficientnetv2_s", At(V2Small, 288)),
        ("efficientnetv2_m", At(V2Medium, 320)),
        ("efficientnetv2_l", At(V2Large, 384)),
        ("efficientnetv2_xl", At(V2XLarge, 384)),
        ("tf_efficientnet_b0", Tf(B(1.0, 1.0, 224))),
        ("tf_efficientnet_b1", Tf(B(1.0, 1.1, 240, 0.882))),
        ("tf_efficientnet_b2", Tf(B(1.1, 1.2, 260, 0.89))),
        ("tf_efficientnet_b3", Tf(B(1.2, 1.4, 300, 0.904))),
        ("tf_efficientnet_b4", Tf(B(1.4, 1.8, 380, 0.922))),
        ("tf_efficientnet_b5", Tf(B(1.6, 2.2, 456, 0.934))),
        ("tf_efficientnet_b6", Tf(B(1.8, 2.6, 528, 0.942))),
        ("tf_efficientnet_b7", Tf(B(2.0, 3.1, 600, 0.949))),
        ("tf_efficientnet_b8", Tf(B(2.2, 3.6, 672, 0.954)) with { Preprocessing = Preprocessing.Inception with { CropPct = 0.954 } }),
        ("tf_efficientnet_l2", Tf(B(4.3, 5.3, 475, 0.936))),
        ("tf_efficientnetv2_s", Tf(At(V2Small, 300)) with { Preprocessing = Preprocessing.Inception with { CropPct = 1 } }),
        ("tf_efficientnetv2_m", Tf(At(V2Medium, 384)) with { Preprocessing = Squash }),
        ("tf_efficientnetv2_l", Tf(At(V2Large, 384)) with { Preprocessing = Squash }),
        ("tf_efficientnetv2_xl", Tf(At(V2XLarge, 384)) with { Preprocessing = Squash }),
        ("tf_efficientnetv2_b0", Tf(At(V2Base, 192, 0.875))),
        ("tf_efficientnetv2_b1", Tf(At(V2Base, 192, 0.882)) with { Depth = 1.1 }),
        ("tf_efficientnetv2_b2", Tf(At(V2Base, 208, 0.89)) with { Width = 1.1, Depth = 1.2 }),
        ("tf_efficientnetv2_b3", Tf(At(V2Base, 240)) with { Width = 1.2, Depth = 1.4, Preprocessing = Squash with { CropPct = 0.9 } }),
    ], Declare);

    private static Preprocessing Squash => Preprocessing.Inception with { CropPct = 1, CropMode = "squash" };

    /// <summary>The second paper's stages: one of plain convolutions, two fused, the rest inverted.</summary>
    private static ImmutableArray<Stage> V2(IReadOnlyList<(int Blocks, int Channels)> rows) =>
        [.. rows.Select((row, i) => new Stage(
            i == 0 ? Block.Plain : i < 3 ? Block.Fused : Block.Inverted,
            row.Blocks,
            3,
            i is 0 or 4 or 6 ? 1 : 2,
            i == 0 ? 1 : i < 4 ? 4 : 6,
            row.Channels))];

    private static Config B(double width, double depth, int size, double crop = 0.875) => new()
    {
        Stages = Version1,
        Width = width,
        Depth = depth,
        InputSize = size,
        Preprocessing = Preprocessing.ImageNet with { CropPct = crop },
    };

    private static Config At(Config config, int size, double crop = 1) =>
        config with { InputSize = size, Preprocessing = Preprocessing.ImageNet with { CropPct = crop } };

    private static Config Tf(Config config) => config with { TensorFlow = true };

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = Scope.Root();
        var channels = Round(config.First);
        var parts = new List<Layer?> { ConvNorm(root, "conv_stem", "bn1", config, 3, channels, 3, 2), Layers.Silu };
        var depths = config.Stages.Select((s, i) =>
            (int)Math.Ceiling(s.Blocks * (i >= config.Stages.Length - 2 ? config.LastDepth ?? config.Depth : config.Depth))).ToList();
        var (blocks, index) = (depths.Sum(), 0);
        foreach (var (number, stage) in config.Stages.Index())
        {
            var width = Round(stage.Channels);
            for (var block = 0; block < depths[number]; block++, index++)
            {
                var scope = root["blocks"][number][block].InGroup(index + 1);

                // timm divides by the number of blocks here, so that the last one stays below the rate.
                var dropPath = options.DropPath * index / blocks;
                parts.Add(DeclareBlock(scope, config, stage with { Stride = block == 0 ? stage.Stride : 1 }, channels, width, dropPath));
                channels = width;
            }
        }

        var last = root.InGroup(blocks + 1);
        var features = config.WidensLast ? Round(config.Last) : config.Last;
        parts.AddRange([ConvNorm(last, "conv_head", "bn2", config, channels, features, 1, 1), Layers.Silu]);
        var classifier = Layers.Classifier(last["classifier"], features, options.Classes, new()
        {
            Start = new Start.Uniform(1 / Math.Sqrt(Math.Max(1, options.Classes))),
            BiasStart = Start.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(),
            Features = Layers.Sequence(parts),
            Head = Layers.Sequence(Layers.GlobalAveragePool, Layers.Dropout("classifier", options.Dropout), classifier),
            Classifier = "classifier",
            FirstConvolution = "conv_stem",
        };

        long Round(double wanted) => Layers.Divisible(wanted * config.Width, limit: config.RoundLimit);
    }

    private static Layer DeclareBlock(Scope scope, Config config, Stage stage, long inChannels, long outChannels, double dropPath)
    {
        var branch = stage.Block switch
        {
            Block.Plain => Layers.Sequence(ConvNorm(scope, "conv", "bn1", config, inChannels, outChannels, stage.Kernel, stage.Stride), Layers.Silu),
            Block.Fused => Layers.Sequence(
                ConvNorm(scope, "conv_exp", "bn1", config, inChannels, Layers.Divisible(inChannels * stage.Expansion), stage.Kernel, stage.Stride),
                Layers.Silu,
                ConvNorm(scope, "conv_pwl", "bn2", config, Layers.Divisible(inChannels * stage.Expansion), outChannels, 1, 1)),
            _ => DeclareInverted(scope, config, stage, inChannels, outChannels),
        };
        if (stage.Stride != 1 || inChannels != outChannels)
        {
            return Layers.Recomputed(Layers.Tidy(branch));
        }

        var drop = Layers.DropPath(scope.Path, dropPath);
        return Layers.Recomputed(Layers.Tidy((pass, x) => drop(pass, branch(pass, x)).add_(x)));
    }

    /// <summary>Inverted bottleneck; with expansion 1 the widening convolution falls away and the names move up (timm's <c>DepthwiseSeparableConv</c>).</summary>
    private static Layer DeclareInverted(Scope scope, Config config, Stage stage, long inChannels, long outChannels)
    {
        var middle = Layers.Divisible(inChannels * stage.Expansion);
        var parts = new List<Layer?>();
        var norm = 1;
        if (stage.Expansion > 1)
        {
            parts.AddRange([ConvNorm(scope, "conv_pw", $"bn{norm++}", config, inChannels, middle, 1, 1), Layers.Silu]);
        }

        parts.AddRange([ConvNorm(scope, "conv_dw", $"bn{norm++}", config, middle, middle, stage.Kernel, stage.Stride, middle), Layers.Silu]);
        var reduced = (long)Math.Round(inChannels * 0.25);
        parts.Add(Layers.SqueezeExcite(scope["se"], middle, new()
        {
            Reduced = reduced,
            ReduceName = "conv_reduce",
            ExpandName = "conv_expand",
            Activation = Layers.Silu,
            ReduceStart = Start.HeFanOut(reduced, 1),
            ExpandStart = Start.HeFanOut(middle, 1),
            BiasStart = Start.Zeros,
        }));
        parts.Add(ConvNorm(scope, stage.Expansion > 1 ? "conv_pwl" : "conv_pw", $"bn{norm}", config, middle, outChannels, 1, 1));
        return Layers.Sequence(parts);
    }

    private static Layer ConvNorm(
        Scope scope, string convolution, string norm, Config config, long inChannels, long outChannels, int kernel, int stride, long groups = 1) =>
        Layers.Sequence(
            Layers.Conv2d(scope[convolution], inChannels, outChannels, new()
            {
                Kernel = kernel,
                Stride = stride,
                Groups = groups,
                Same = config.TensorFlow,
                Start = Start.HeFanOut(outChannels, kernel * kernel, groups),
            }),
            Layers.BatchNorm2d(scope[norm], outChannels, config.TensorFlow ? 1e-3 : 1e-5));
}
