using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// EfficientNet and EfficientNetV2 (Tan and Le 2019, 2021) with their kin: Lite and EdgeTPU, CondConv (Yang et al. 2019), EfficientNet-X
/// (Li et al. 2021) and pruned ones, as timm's <c>efficientnet.py</c> has them; <c>tf_</c> names have TensorFlow's padding and epsilon.
/// </summary>
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
    public readonly record struct Stage(Block Block, int Blocks, int Kernel, int Stride, double Expansion, int Channels)
    {
        /// <summary>Channels between a gate's two matrices over those of the block's input; 0 goes without the gate.</summary>
        public double Gate { get; init; } = Block == Block.Inverted ? 0.25 : 0;

        /// <summary>Kernels that each convolution of a block mixes for each image (CondConv); 0 has plain convolutions.</summary>
        public int Experts { get; init; }

        /// <summary>Whether the blocks have ReLU instead of the network's activation.</summary>
        public bool Relu { get; init; }

        /// <summary>Channels, before they are widened, that the expansion multiplies in place of the input's; 0 is the input's.</summary>
        public int ExpansionOf { get; init; }

        /// <summary>Blocks that keep size and channels go around themselves.</summary>
        public bool GoesAround { get; init; } = true;

        /// <summary>
        /// The first block puts each 2 × 2 pixels into channels by a convolution, and all to the next stage have four times the channels
        /// (EfficientNet-X).
        /// </summary>
        public bool Folds { get; init; }
    }

    /// <summary>What the channels of a block are scaled by.</summary>
    public enum GateKind
    {
        /// <summary>Squeeze and excitation, as the papers have it.</summary>
        SqueezeExcite,

        /// <summary>A gate that sees the image under attention.</summary>
        GlobalContext,
    }

    /// <summary>A block of a pruned network.</summary>
    /// <param name="Middle">Channels of its depthwise convolution.</param>
    /// <param name="Gate">Channels between its gate's two matrices.</param>
    /// <param name="Channels">Channels that come out.</param>
    public readonly record struct Kept(int Middle, int Gate, int Channels);

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

        /// <summary>What rounded channels are multiples of.</summary>
        public int Divisor { get; init; } = 8;

        /// <summary>Stem and head keep their channels, and the first and the last stage their depth, however the network is scaled (Lite).</summary>
        public bool KeepsEnds { get; init; }

        /// <summary>TensorFlow's padding and epsilon.</summary>
        public bool TensorFlow { get; init; }

        /// <summary>The normalisations.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Behind the normalisations; it may work in place.</summary>
        public Layer Activation { get; init; } = Nn.Silu;

        /// <summary>The gates.</summary>
        public GateKind GateKind { get; init; }

        /// <summary>Channels of a group of the inverted blocks' middle convolution; 1 is depthwise.</summary>
        public int GroupWidth { get; init; } = 1;

        /// <summary>Blocks that halve the image blur it and then skip pixels (Zhang 2019).</summary>
        public bool Blur { get; init; }

        /// <summary>The blocks of a pruned network, whose channels follow no rule; empty where none was pruned.</summary>
        public ImmutableArray<Kept> Pruned { get; init; } = [];

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

    // Aflalo et al. 2020, from the shapes in timm's models/_pruned; a line a stage.
    private static readonly ImmutableArray<Kept> Pruned1 =
    [
        new(32, 8, 16), new(16, 4, 16),
        new(48, 4, 12), new(62, 6, 12), new(48, 6, 12),
        new(70, 6, 35), new(61, 10, 35), new(51, 10, 35),
        new(175, 10, 74), new(188, 20, 74), new(137, 20, 74), new(164, 20, 74),
        new(399, 20, 67), new(201, 28, 67), new(160, 28, 67), new(213, 28, 67),
        new(637, 27, 192), new(806, 48, 192), new(798, 48, 192), new(891, 48, 192), new(990, 48, 192),
        new(1152, 48, 320), new(1912, 80, 320),
    ];

    private static readonly ImmutableArray<Kept> Pruned2 =
    [
        new(32, 8, 16), new(16, 4, 16),
        new(54, 4, 17), new(69, 6, 17), new(61, 6, 17),
        new(86, 6, 42), new(72, 12, 42), new(98, 12, 42),
        new(245, 12, 85), new(274, 22, 85), new(254, 22, 85), new(292, 22, 85),
        new(502, 22, 116), new(315, 30, 116), new(354, 30, 116), new(443, 30, 116),
        new(719, 30, 208), new(1148, 52, 208), new(1160, 52, 208), new(1182, 52, 208), new(1228, 52, 208),
        new(1248, 52, 352), new(2112, 88, 352),
    ];

    private static readonly ImmutableArray<Kept> Pruned3 =
    [
        new(40, 10, 24), new(24, 6, 24),
        new(27, 6, 12), new(49, 8, 12), new(48, 8, 12),
        new(83, 8, 40), new(90, 12, 40), new(85, 12, 40),
        new(215, 12, 93), new(261, 24, 93), new(219, 24, 93), new(254, 24, 93), new(236, 24, 93),
        new(480, 24, 120), new(235, 34, 120), new(217, 34, 120), new(226, 33, 120), new(340, 34, 120),
        new(802, 34, 232), new(1030, 58, 232), new(924, 58, 232), new(1016, 58, 232), new(1130, 58, 232), new(1266, 58, 232),
        new(1392, 58, 384), new(2301, 96, 384),
    ];

    private static readonly Config Lite = new()
    {
        Stages = [.. Version1.Select(stage => stage with { Gate = 0 })],
        KeepsEnds = true,
        WidensLast = false,
        Activation = Nn.Relu6InPlace,
    };

    private static readonly Config Edge = new()
    {
        Stages =
        [
            new(Block.Fused, 1, 3, 1, 4, 24) { ExpansionOf = 24, GoesAround = false },
            new(Block.Fused, 2, 3, 2, 8, 32),
            new(Block.Fused, 4, 3, 2, 8, 48),
            new(Block.Inverted, 5, 5, 2, 8, 96) { Gate = 0 },
            new(Block.Inverted, 4, 5, 1, 8, 144) { Gate = 0 },
            new(Block.Inverted, 2, 5, 2, 8, 192) { Gate = 0 },
        ],
        Activation = Nn.ReluInPlace,
    };

    private static readonly Config Tiny = new()
    {
        Stages =
        [
            new(Block.Plain, 1, 3, 1, 1, 16),
            new(Block.Fused, 1, 3, 2, 4, 24),
            new(Block.Fused, 1, 3, 2, 4, 32),
            new(Block.Inverted, 1, 3, 2, 4, 48),
            new(Block.Inverted, 1, 3, 2, 4, 64),
        ],
        First = 24,
        Last = 256,
        RoundLimit = 0,
        InputSize = 160,
        Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 },
    };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("EfficientNet",
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
        ("efficientnet_b0_gn", B(1.0, 1.0, 224) with { Norm = Groups(8) }),
        ("efficientnet_b0_g8_gn", B(1.0, 1.0, 224) with { Norm = Groups(8), GroupWidth = 8 }),

        // timm's own of that name has batch normalisation.
        ("efficientnet_b0_g16_evos", B(1.0, 1.0, 224) with { GroupWidth = 16, Divisor = 16 }),
        ("efficientnet_b3_gn", B(1.2, 1.4, 288, 1) with { Norm = Groups(16), Divisor = 16 }),
        ("efficientnet_b3_g8_gn", B(1.2, 1.4, 288, 1) with { Norm = Groups(16), GroupWidth = 8, Divisor = 16 }),
        ("efficientnet_blur_b0", B(1.0, 1.0, 224) with { Blur = true }),
        ("efficientnet_es", Scaled(Edge, 1.0, 1.0, 224)),
        ("efficientnet_es_pruned", Scaled(Edge, 1.0, 1.0, 224)),
        ("efficientnet_em", Scaled(Edge, 1.0, 1.1, 240, 0.882)),
        ("efficientnet_el", Scaled(Edge, 1.2, 1.4, 300, 0.904)),
        ("efficientnet_el_pruned", Scaled(Edge, 1.2, 1.4, 300, 0.904)),
        ("efficientnet_cc_b0_4e", Experts(4, 1.0, 224)),
        ("efficientnet_cc_b0_8e", Experts(8, 1.0, 224)),
        ("efficientnet_cc_b1_8e", Experts(8, 1.1, 240, 0.882)),
        ("efficientnet_lite0", Scaled(Lite, 1.0, 1.0, 224)),
        ("efficientnet_lite1", Scaled(Lite, 1.0, 1.1, 240, 0.882)),
        ("efficientnet_lite2", Scaled(Lite, 1.1, 1.2, 260, 0.89)),
        ("efficientnet_lite3", Scaled(Lite, 1.2, 1.4, 300, 0.904)),
        ("efficientnet_lite4", Scaled(Lite, 1.4, 1.8, 380, 0.922)),
        ("efficientnet_b1_pruned", Google(B(1.0, 1.1, 240, 0.882)) with { Pruned = Pruned1 }),
        ("efficientnet_b2_pruned", Google(B(1.1, 1.2, 260, 0.89)) with { Pruned = Pruned2 }),
        ("efficientnet_b3_pruned", Google(B(1.2, 1.4, 300, 0.904)) with { Pruned = Pruned3 }),
        ("gc_efficientnetv2_rw_t", At(V2Small, 224) with { Width = 0.8, Depth = 0.9, GateKind = GateKind.GlobalContext }),
        ("efficientnet_x_b3", Scaled(X(6), 1.2, 1.4, 288, 0.95)),
        ("efficientnet_x_b5", Scaled(X(6), 1.6, 2.2, 448) with { Preprocessing = SquashImageNet }),
        ("efficientnet_h_b5", Scaled(X(4), 1.92, 2.2, 448) with { Preprocessing = SquashImageNet }),
        ("tf_efficientnet_es", Google(Scaled(Edge, 1.0, 1.0, 224))),
        ("tf_efficientnet_em", Google(Scaled(Edge, 1.0, 1.1, 240, 0.882))),
        ("tf_efficientnet_el", Google(Scaled(Edge, 1.2, 1.4, 300, 0.904))),
        ("tf_efficientnet_cc_b0_4e", Google(Experts(4, 1.0, 224))),
        ("tf_efficientnet_cc_b0_8e", Google(Experts(8, 1.0, 224))),
        ("tf_efficientnet_cc_b1_8e", Google(Experts(8, 1.1, 240, 0.882))),
        ("tf_efficientnet_lite0", Google(Scaled(Lite, 1.0, 1.0, 224))),
        ("tf_efficientnet_lite1", Google(Scaled(Lite, 1.0, 1.1, 240, 0.882))),
        ("tf_efficientnet_lite2", Google(Scaled(Lite, 1.1, 1.2, 260, 0.89))),
        ("tf_efficientnet_lite3", Google(Scaled(Lite, 1.2, 1.4, 300, 0.904), "bilinear")),
        ("tf_efficientnet_lite4", Google(Scaled(Lite, 1.4, 1.8, 380, 0.92), "bilinear")),
        ("test_efficientnet", Tiny),
        ("test_efficientnet_gn", Tiny with { Norm = Groups(8), Preprocessing = Preprocessing.Inception with { CropPct = 0.95 } }),
        ("test_efficientnet_ln", Tiny with { Norm = new() { Kind = NormKind.Layer } }),
        ("test_efficientnet_evos", Tiny with
        {
            Norm = new() { Kind = NormKind.EvoNorm, GroupWidth = 8 },
            Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
        }),
    ], Declare);

    private static Preprocessing Squash => Preprocessing.Inception with { CropPct = 1, CropMode = "squash" };

    private static Preprocessing SquashImageNet => Preprocessing.ImageNet with { CropPct = 1, CropMode = "squash" };

    /// <summary>The second paper's stages: one of plain convolutions, two fused, the rest inverted.</summary>
    private static ImmutableArray<Stage> V2(IReadOnlyList<(int Blocks, int Channels)> rows) =>
        [.. rows.Select((row, i) => new Stage(
            i == 0 ? Block.Plain : i < 3 ? Block.Fused : Block.Inverted,
            row.Blocks,
            3,
            i is 0 or 4 or 6 ? 1 : 2,
            i == 0 ? 1 : i < 4 ? 4 : 6,
            row.Channels))];

    private static Config B(double width, double depth, int size, double crop = 0.875) => Scaled(new() { Stages = Version1 }, width, depth, size, crop);

    private static Config Scaled(Config config, double width, double depth, int size, double crop = 0.875) =>
        At(config, size, crop) with { Width = width, Depth = depth };

    private static Config Experts(int experts, double depth, int size, double crop = 0.875) =>
        Scaled(new() { Stages = [.. Version1.Select((stage, i) => i < 4 ? stage : stage with { Experts = experts })] }, 1, depth, size, crop);

    /// <summary>EfficientNet-X: the first stage in folded images, the next two of fused blocks with gates and ReLU.</summary>
    private static Config X(int expansion) => new()
    {
        Stages =
        [
            Version1[0] with { Folds = true },
            Version1[1] with { Block = Block.Fused, Expansion = expansion, Gate = 0.25, Relu = true },
            Version1[2] with { Block = Block.Fused, Expansion = expansion, Gate = 0.25, Relu = true },
            Version1[3] with { Expansion = expansion },
            .. Version1[4..],
        ],
    };

    private static NormOptions Groups(int width) => new() { Kind = NormKind.Group, GroupWidth = width };

    private static Config At(Config config, int size, double crop = 1) =>
        config with { InputSize = size, Preprocessing = Preprocessing.ImageNet with { CropPct = crop } };

    private static Config Tf(Config config) => config with { TensorFlow = true };

    /// <summary>TensorFlow's form with weights that saw images in [-1, 1].</summary>
    private static Config Google(Config config, string interpolation = "bicubic") => Tf(config) with
    {
        Preprocessing = Preprocessing.Inception with { CropPct = config.Preprocessing.CropPct, Interpolation = interpolation },
    };

    // timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("conv_stem|bn1", (@"blocks\.(\d+)\.(\d+)", null), ("conv_head|bn2", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">Drop path is asked for and each block changes size or channels (timm's tests).</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var channels = config.KeepsEnds ? config.First : Round(config.First);
        var parts = new List<Layer?> { ConvNorm(root, "conv_stem", "bn1", config, 3, channels, 3, 2, config.Activation) };
        var depths = config.Stages.Select((stage, i) => (int)Math.Ceiling(stage.Blocks * Depth(i))).ToList();
        var (blocks, index, folded, goesAround) = (depths.Sum(), 0, false, false);
        foreach (var (number, stage) in config.Stages.Index())
        {
            var (first, rest) = (stage, stage with { Stride = 1, Folds = false });
            folded |= stage.Folds;
            if (folded && stage.Stride > 1)
            {
                // Pixels that lie in the channels are halved already: the first block has but to take the channels together.
                (first, folded) = (stage with { Stride = 1, Expansion = stage.Expansion / 4 }, false);
            }

            for (var block = 0; block < depths[number]; block++, index++)
            {
                var scope = root["blocks"][number][block];
                var kept = config.Pruned.IsEmpty ? default(Kept?) : config.Pruned[index];
                var width = kept?.Channels ?? (Round(stage.Channels) * (folded ? 4 : 1));

                // timm divides by the number of blocks here, so that the last one stays below the rate.
                var dropPath = options.DropPath * index / blocks;
                var row = block == 0 ? first : rest;
                var middle = kept?.Middle ?? Nn.Divisible((row.ExpansionOf == 0 ? channels : Round(row.ExpansionOf)) * row.Expansion);
                parts.Add(DeclareBlock(scope, config, row, kept, channels, middle, width, dropPath));
                goesAround |= GoesAround(row, channels, width);
                channels = width;
            }
        }

        if (!goesAround)
        {
            Zoo.CheckNoDropPath(name, options);
        }

        var features = config.WidensLast ? Round(config.Last) : config.Last;
        parts.Add(ConvNorm(root, "conv_head", "bn2", config, channels, features, 1, 1, config.Activation));
        var classifier = Nn.Classifier(root["classifier"], features, options.Classes, new()
        {
            Start = new Initializer.Uniform(1 / Math.Sqrt(Math.Max(1, options.Classes))),
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
            Head = Nn.Sequence(Nn.GlobalAveragePool, Nn.Dropout("classifier", options.Dropout), classifier),
            Classifier = "classifier",
            FirstConvolution = "conv_stem",
        };

        long Round(double wanted) => Nn.Divisible(wanted * config.Width, config.Divisor, config.RoundLimit);

        double Depth(int stage) => config.KeepsEnds && (stage == 0 || stage == config.Stages.Length - 1) ? 1
            : stage >= config.Stages.Length - 2 ? config.LastDepth ?? config.Depth
            : config.Depth;
    }

    private static bool GoesAround(Stage stage, long inChannels, long outChannels) => stage.GoesAround && stage.Stride == 1 && inChannels == outChannels;

    private static Layer DeclareBlock(
        ParameterScope scope, Config config, Stage stage, Kept? kept, long inChannels, long middle, long outChannels, double dropPath)
    {
        var activation = stage.Relu ? Nn.ReluInPlace : config.Activation;
        var branch = stage switch
        {
            { Block: Block.Plain } => ConvNorm(scope, "conv", "bn1", config, inChannels, outChannels, stage.Kernel, stage.Stride, activation),
            { Block: Block.Fused } => Nn.Sequence(
                Halving(scope, "conv_exp", "bn1", config, inChannels, middle, stage, 1, activation),
                DeclareGate(scope["se"], config, stage, kept, middle, activation),
                ConvNorm(scope, "conv_pwl", "bn2", config, middle, outChannels, 1, 1, null)),
            { Experts: > 0 } => DeclareConditional(scope, config, stage, inChannels, middle, outChannels, activation),
            _ => DeclareInverted(scope, config, stage, kept, inChannels, middle, outChannels, activation),
        };
        if (!GoesAround(stage, inChannels, outChannels))
        {
            return Nn.Checkpointed(Nn.Tidy(branch));
        }

        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Checkpointed(Nn.Tidy((pass, x) => drop(pass, branch(pass, x)).add_(x)));
    }

    /// <summary>Inverted bottleneck; with expansion 1 the widening convolution falls away and the names move up (timm's <c>DepthwiseSeparableConv</c>).</summary>
    private static Layer DeclareInverted(
        ParameterScope scope, Config config, Stage stage, Kept? kept, long inChannels, long middle, long outChannels, Layer activation)
    {
        var parts = new List<Layer?>();
        var norm = 1;
        if (stage.Folds)
        {
            parts.Add(ConvNorm(scope, "conv_s2d", "bn_s2d", config, inChannels, 4 * middle, 2, 2, activation));
            middle *= 4;

            // The kernel covers as much of the picture as it did.
            stage = stage with { Kernel = (stage.Kernel + 1) / 2, Gate = stage.Gate / 4 };
        }

        if (stage.Expansion > 1)
        {
            parts.Add(ConvNorm(scope, "conv_pw", $"bn{norm++}", config, inChannels, middle, 1, 1, activation));
        }

        parts.Add(Halving(scope, "conv_dw", $"bn{norm++}", config, middle, middle, stage, middle / config.GroupWidth, activation));
        parts.Add(DeclareGate(scope["se"], config, stage, kept, middle, activation));
        parts.Add(ConvNorm(scope, stage.Expansion > 1 ? "conv_pwl" : "conv_pw", $"bn{norm}", config, middle, outChannels, 1, 1, null));
        return Nn.Sequence(parts);
    }

    /// <summary>The same with kernels mixed for each image, by shares that a matrix draws from the means of its channels.</summary>
    private static Layer DeclareConditional(
        ParameterScope scope, Config config, Stage stage, long inChannels, long middle, long outChannels, Layer activation)
    {
        var widening = Conv("conv_pw", inChannels, middle, 1, 1, 1);
        var norm1 = Nn.Norm(scope["bn1"], middle, NormOf(config), activation);
        var filter = Conv("conv_dw", middle, middle, stage.Kernel, stage.Stride, middle);
        var norm2 = Nn.Norm(scope["bn2"], middle, NormOf(config), activation);
        var gate = DeclareGate(scope["se"], config, stage, null, middle, activation) ?? throw new InvalidOperationException("CondConv's blocks have gates.");
        var narrowing = Conv("conv_pwl", middle, outChannels, 1, 1, 1);
        var norm3 = Nn.Norm(scope["bn3"], outChannels, NormOf(config), null);
        var shares = Nn.Sequence(
            Nn.GlobalAveragePool,
            Nn.Linear(scope["routing_fn"], inChannels, stage.Experts, new()
            {
                Start = new Initializer.Uniform(1 / Math.Sqrt(inChannels + stage.Experts)),
                BiasStart = Initializer.Zeros,
            }),
            (_, x) => x.sigmoid());
        return (pass, x) =>
        {
            var mix = shares(pass, x);
            var y = norm1(pass, widening(pass, x, mix));
            y = gate(pass, norm2(pass, filter(pass, y, mix)));
            return norm3(pass, narrowing(pass, y, mix));
        };

        Func<ForwardContext, torch.Tensor, torch.Tensor, torch.Tensor> Conv(string name, long from, long to, int kernel, int stride, long groups) =>
            Nn.ConditionalConv2d(scope[name], from, to, stage.Experts, ConvOf(config, to, kernel, stride, groups));
    }

    /// <summary>The gate of a block, or null where it has none.</summary>
    private static Layer? DeclareGate(ParameterScope scope, Config config, Stage stage, Kept? kept, long channels, Layer activation)
    {
        if (stage.Gate == 0)
        {
            return null;
        }

        var wanted = channels * (stage.Gate / stage.Expansion);
        if (config.GateKind == GateKind.GlobalContext)
        {
            return Nn.GlobalContext(scope, channels, Nn.Divisible(wanted, 1, 0), activation);
        }

        var reduced = kept?.Gate ?? (long)Math.Round(wanted);
        return Nn.SqueezeExcite(scope, channels, new()
        {
            Reduced = reduced,
            ReduceName = "conv_reduce",
            ExpandName = "conv_expand",
            Activation = activation,
            ReduceStart = Initializer.HeFanOut(reduced, 1),
            ExpandStart = Initializer.HeFanOut(channels, 1),
            BiasStart = Initializer.Zeros,
        });
    }

    /// <summary>The convolution of a block that may halve the image: by its stride, or, where it blurs, by a filter behind it.</summary>
    private static Layer Halving(
        ParameterScope scope, string convolution, string norm, Config config, long inChannels, long outChannels, Stage stage, long groups, Layer activation)
    {
        var blurs = config.Blur && stage.Stride > 1;
        return Nn.Sequence(
            ConvNorm(scope, convolution, norm, config, inChannels, outChannels, stage.Kernel, blurs ? 1 : stage.Stride, activation, groups),
            blurs ? Nn.BlurPool(scope["aa"].Path, mirrors: false) : null);
    }

    private static Layer ConvNorm(
        ParameterScope scope,
        string convolution,
        string norm,
        Config config,
        long inChannels,
        long outChannels,
        int kernel,
        int stride,
        Layer? activation,
        long groups = 1) =>
        Nn.Sequence(
            Nn.Conv2d(scope[convolution], inChannels, outChannels, ConvOf(config, outChannels, kernel, stride, groups)),
            Nn.Norm(scope[norm], outChannels, NormOf(config), activation));

    // timm pads kernels of even sides as TensorFlow does in any case.
    private static Conv2dOptions ConvOf(Config config, long outChannels, int kernel, int stride, long groups) => new()
    {
        Kernel = kernel,
        Stride = stride,
        Groups = groups,
        Same = config.TensorFlow || kernel % 2 == 0,
        Start = Initializer.HeFanOut(outChannels, kernel * kernel, groups),
    };

    private static NormOptions NormOf(Config config) => config.TensorFlow ? config.Norm with { Epsilon = 1e-3 } : config.Norm;
}
