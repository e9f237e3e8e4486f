using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// EfficientNet and EfficientNetV2 (Tan and Le 2019, 2021) and their variants: Lite and EdgeTPU, CondConv (Yang et al. 2019), EfficientNet-X
/// (Li et al. 2021) and pruned networks. Follows timm's <c>efficientnet.py</c>; <c>tf_</c> names have TensorFlow's padding and epsilon.
/// </summary>
public static class EfficientNet
{
    /// <summary>Kind of block in a stage.</summary>
    public enum Block
    {
        /// <summary>A single convolution.</summary>
        Plain,

        /// <summary>Fused inverted bottleneck: a full expansion convolution and a projection (EfficientNetV2).</summary>
        Fused,

        /// <summary>Inverted bottleneck: expansion, depthwise convolution, channel gate, projection.</summary>
        Inverted,
    }

    /// <summary>A stage, that is, a row of the papers' tables.</summary>
    /// <param name="Block">Kind of block.</param>
    /// <param name="Blocks">Number of blocks.</param>
    /// <param name="Kernel">Side of the kernel in pixels.</param>
    /// <param name="Stride">Stride of the first block.</param>
    /// <param name="Expansion">Ratio of hidden channels to input channels.</param>
    /// <param name="Channels">Number of output channels.</param>
    public readonly record struct Stage(Block Block, int Blocks, int Kernel, int Stride, double Expansion, int Channels)
    {
        /// <summary>Ratio of the gate's reduced channels to the block's input channels; 0 has no gate.</summary>
        public double Gate { get; init; } = Block == Block.Inverted ? 0.25 : 0;

        /// <summary>Number of kernels that each convolution mixes for each image (CondConv); 0 has plain convolutions.</summary>
        public int Experts { get; init; }

        /// <summary>Whether the blocks use ReLU instead of the network's activation.</summary>
        public bool Relu { get; init; }

        /// <summary>Number of unscaled channels that the expansion multiplies instead of the input channels; 0 uses the input channels.</summary>
        public int ExpansionBase { get; init; }

        /// <summary>Whether blocks that keep size and channels have a shortcut.</summary>
        public bool HasShortcut { get; init; } = true;

        /// <summary>
        /// Whether the first block moves each 2 × 2 pixels into channels by a convolution, so that this stage has four times the channels
        /// (EfficientNet-X).
        /// </summary>
        public bool SpaceToDepth { get; init; }
    }

    /// <summary>Kind of channel gate.</summary>
    public enum GateKind
    {
        /// <summary>Squeeze and excitation, the papers' gate.</summary>
        SqueezeExcite,

        /// <summary>Global context.</summary>
        GlobalContext,
    }

    /// <summary>A block of a pruned network.</summary>
    /// <param name="Middle">Number of channels of its depthwise convolution.</param>
    /// <param name="Gate">Number of reduced channels of its gate.</param>
    /// <param name="Channels">Number of output channels.</param>
    public readonly record struct PrunedBlock(int Middle, int Gate, int Channels);

    /// <summary>Configuration of an EfficientNet.</summary>
    public sealed record Config
    {
        /// <summary>Stages before scaling of width and depth.</summary>
        public required ImmutableArray<Stage> Stages { get; init; }

        /// <summary>Factor of the channels, which are then rounded to multiples of <see cref="Divisor"/>.</summary>
        public double Width { get; init; } = 1;

        /// <summary>Factor of the number of blocks per stage, which is rounded up.</summary>
        public double Depth { get; init; } = 1;

        /// <summary>Factor of the number of blocks in the last two stages; null is <see cref="Depth"/>.</summary>
        public double? LastDepth { get; init; }

        /// <summary>Number of channels after the stem, before scaling.</summary>
        public int StemChannels { get; init; } = 32;

        /// <summary>Number of channels before the classifier.</summary>
        public int HeadChannels { get; init; } = 1280;

        /// <summary>Whether <see cref="HeadChannels"/> is scaled too.</summary>
        public bool ScalesHead { get; init; } = true;

        /// <summary>Smallest allowed ratio of rounded to unrounded channels.</summary>
        public double RoundLimit { get; init; } = 0.9;

        /// <summary>Divisor of the rounded channels.</summary>
        public int Divisor { get; init; } = 8;

        /// <summary>Whether scaling leaves the channels of stem and head and the depth of the first and last stages unchanged (Lite).</summary>
        public bool FixedEnds { get; init; }

        /// <summary>Whether TensorFlow's padding and epsilon are used.</summary>
        public bool TensorFlow { get; init; }

        /// <summary>Kind of normalisation.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Activation after the normalisations, which may work in place.</summary>
        public Layer Activation { get; init; } = Nn.Silu;

        /// <summary>Kind of channel gate.</summary>
        public GateKind GateKind { get; init; }

        /// <summary>Number of channels per group of the inverted bottlenecks' middle convolution; 1 is depthwise.</summary>
        public int GroupWidth { get; init; } = 1;

        /// <summary>Whether blocks downsample with anti-aliasing (Zhang 2019).</summary>
        public bool Blur { get; init; }

        /// <summary>Blocks of a pruned network, whose channel counts follow no rule; empty for other networks.</summary>
        public ImmutableArray<PrunedBlock> Pruned { get; init; } = [];

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
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

    private static readonly Config Version2 = new() { Stages = [], StemChannels = 24, ScalesHead = false };

    private static readonly Config V2Small = Version2 with
    {
        ScalesHead = true,
        Stages = V2([(2, 24), (4, 48), (4, 64), (6, 128), (9, 160), (15, 256)]),
    };

    private static readonly Config V2SmallRw = V2Small with
    {
        Stages = V2([(2, 24), (4, 48), (4, 64), (6, 128), (9, 160), (15, 272)]).SetItem(0, new(Block.Fused, 2, 3, 1, 1, 24)),
        HeadChannels = 1792,
    };

    private static readonly Config V2Medium = Version2 with
    {
        Stages = V2([(3, 24), (5, 48), (5, 80), (7, 160), (14, 176), (18, 304), (5, 512)]),
    };

    private static readonly Config V2Large = Version2 with
    {
        StemChannels = 32,
        Stages = V2([(4, 32), (7, 64), (7, 96), (10, 192), (19, 224), (25, 384), (7, 640)]),
    };

    private static readonly Config V2XLarge = Version2 with
    {
        StemChannels = 32,
        Stages = V2([(4, 32), (8, 64), (8, 96), (16, 192), (24, 256), (32, 512), (8, 640)]),
    };

    private static readonly Config V2Base = new()
    {
        Stages = V2([(1, 16), (2, 32), (2, 48), (3, 96), (5, 112), (8, 192)]),
        RoundLimit = 0,
    };

    // Aflalo et al. 2020, from the shapes in timm's models/_pruned; one line per stage.
    private static readonly ImmutableArray<PrunedBlock> Pruned1 =
    [
        new(32, 8, 16), new(16, 4, 16),
        new(48, 4, 12), new(62, 6, 12), new(48, 6, 12),
        new(70, 6, 35), new(61, 10, 35), new(51, 10, 35),
        new(175, 10, 74), new(188, 20, 74), new(137, 20, 74), new(164, 20, 74),
        new(399, 20, 67), new(201, 28, 67), new(160, 28, 67), new(213, 28, 67),
        new(637, 27, 192), new(806, 48, 192), new(798, 48, 192), new(891, 48, 192), new(990, 48, 192),
        new(1152, 48, 320), new(1912, 80, 320),
    ];

    private static readonly ImmutableArray<PrunedBlock> Pruned2 =
    [
        new(32, 8, 16), new(16, 4, 16),
        new(54, 4, 17), new(69, 6, 17), new(61, 6, 17),
        new(86, 6, 42), new(72, 12, 42), new(98, 12, 42),
        new(245, 12, 85), new(274, 22, 85), new(254, 22, 85), new(292, 22, 85),
        new(502, 22, 116), new(315, 30, 116), new(354, 30, 116), new(443, 30, 116),
        new(719, 30, 208), new(1148, 52, 208), new(1160, 52, 208), new(1182, 52, 208), new(1228, 52, 208),
        new(1248, 52, 352), new(2112, 88, 352),
    ];

    private static readonly ImmutableArray<PrunedBlock> Pruned3 =
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
        FixedEnds = true,
        ScalesHead = false,
        Activation = Nn.Relu6InPlace,
    };

    private static readonly Config Edge = new()
    {
        Stages =
        [
            new(Block.Fused, 1, 3, 1, 4, 24) { ExpansionBase = 24, HasShortcut = false },
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
        StemChannels = 24,
        HeadChannels = 256,
        RoundLimit = 0,
        InputSize = 160,
        Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 },
    };

    /// <summary>The family's architectures by timm's name.</summary>
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

        // timm's network of this name has batch normalisation.
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
    ], Declare) with
    { Order = 6 };

    private static Preprocessing Squash => Preprocessing.Inception with { CropPct = 1, CropMode = "squash" };

    private static Preprocessing SquashImageNet => Preprocessing.ImageNet with { CropPct = 1, CropMode = "squash" };

    /// <summary>Returns the stages of EfficientNetV2: one of plain convolutions, two of fused, the rest of inverted bottlenecks.</summary>
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

    /// <summary>Returns EfficientNet-X: the first stage works in space-to-depth form, the next two have fused blocks with gates and ReLU.</summary>
    private static Config X(int expansion) => new()
    {
        Stages =
        [
            Version1[0] with { SpaceToDepth = true },
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

    /// <summary>Returns TensorFlow's form for weights that were trained on images in [-1, 1].</summary>
    private static Config Google(Config config, string interpolation = "bicubic") => Tf(config) with
    {
        Preprocessing = Preprocessing.Inception with { CropPct = config.Preprocessing.CropPct, Interpolation = interpolation },
    };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        "conv_stem|bn1", (@"blocks\.(\d+)\.(\d+)", null), ("conv_head|bn2", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">Drop path is requested, but no block has a shortcut (timm's test models).</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var stemChannels = config.FixedEnds ? config.StemChannels : Round(config, config.StemChannels);
        var parts = new List<Layer?>
        {
            Nn.ConvNorm(root, 3, stemChannels, Options(config, "conv_stem", "bn1", new() { Kernel = 3, Stride = 2 }, config.Activation)),
        };
        var channels = DeclareStages(root["blocks"], config, options, stemChannels, parts, out var hasShortcut);
        if (!hasShortcut)
        {
            options.CheckNoDropPath(name);
        }

        var features = config.ScalesHead ? Round(config, config.HeadChannels) : config.HeadChannels;
        parts.Add(Nn.ConvNorm(root, channels, features, Options(config, "conv_head", "bn2", new(), config.Activation)));
        var classifier = Nn.Classifier(root["classifier"], features, options.Classes, new()
        {
            WeightInitializer = new Initializer.Uniform(1 / Math.Sqrt(Math.Max(1, options.Classes))),
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
            Head = Nn.Sequential(Nn.GlobalAveragePool, Nn.Dropout("classifier", options.Dropout), classifier),
            Classifier = "classifier",
            FirstConvolution = "conv_stem",
        };
    }

    /// <summary>Declares all stages and returns the number of channels after the last.</summary>
    private static long DeclareStages(
        ParameterScope scope, Config config, ModelOptions options, long channels, List<Layer?> parts, out bool hasShortcut)
    {
        var depths = config.Stages.Select((stage, i) => (int)Math.Ceiling(stage.Blocks * Depth(i))).ToList();
        var (blocks, index, folded) = (depths.Sum(), 0, false);
        hasShortcut = false;
        foreach (var (number, stage) in config.Stages.Index())
        {
            var (first, rest) = (stage, stage with { Stride = 1, SpaceToDepth = false });
            folded |= stage.SpaceToDepth;
            if (folded && stage.Stride > 1)
            {
                // In space-to-depth form the side is halved already: the first block only has to merge the channels.
                (first, folded) = (stage with { Stride = 1, Expansion = stage.Expansion / 4 }, false);
            }

            for (var block = 0; block < depths[number]; block++, index++)
            {
                var pruned = config.Pruned.IsEmpty ? default(PrunedBlock?) : config.Pruned[index];
                var width = pruned?.Channels ?? (Round(config, stage.Channels) * (folded ? 4 : 1));
                var row = block == 0 ? first : rest;
                var middle = pruned?.Middle
                    ?? Nn.MakeDivisible((row.ExpansionBase == 0 ? channels : Round(config, row.ExpansionBase)) * row.Expansion);

                // timm divides by the number of blocks here, so that the rate of the last block is below the given rate.
                var dropPath = options.DropPath * index / blocks;
                var plan = new BlockPlan(row, pruned, channels, middle, width);
                parts.Add(DeclareBlock(scope[number][block], config, plan, dropPath));
                hasShortcut |= plan.HasShortcut;
                channels = width;
            }
        }

        return channels;

        double Depth(int stage) => config.FixedEnds && (stage == 0 || stage == config.Stages.Length - 1) ? 1
            : stage >= config.Stages.Length - 2 ? config.LastDepth ?? config.Depth
            : config.Depth;
    }

    private static long Round(Config config, double channels) => Nn.MakeDivisible(channels * config.Width, config.Divisor, config.RoundLimit);

    /// <summary>A block with its channels.</summary>
    /// <param name="Stage">Settings of the block's stage.</param>
    /// <param name="Pruned">Channels of a pruned network's block; null in other networks.</param>
    /// <param name="InChannels">Number of input channels.</param>
    /// <param name="Middle">Number of hidden channels.</param>
    /// <param name="OutChannels">Number of output channels.</param>
    private readonly record struct BlockPlan(Stage Stage, PrunedBlock? Pruned, long InChannels, long Middle, long OutChannels)
    {
        /// <summary>Whether the block has a shortcut.</summary>
        public bool HasShortcut => Stage.HasShortcut && Stage.Stride == 1 && InChannels == OutChannels;
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, BlockPlan plan, double dropPath)
    {
        var (stage, middle) = (plan.Stage, plan.Middle);
        var activation = stage.Relu ? Nn.ReluInPlace : config.Activation;
        var branch = stage switch
        {
            { Block: Block.Plain } => Nn.ConvNorm(
                scope,
                plan.InChannels,
                plan.OutChannels,
                Options(config, "conv", "bn1", new() { Kernel = stage.Kernel, Stride = stage.Stride }, activation)),
            { Block: Block.Fused } => Nn.Sequential(
                DownsamplingConvNorm(scope, config, plan.InChannels, middle, Options(
                    config, "conv_exp", "bn1", new() { Kernel = stage.Kernel, Stride = stage.Stride }, activation)),
                DeclareGate(scope["se"], config, plan, activation),
                Nn.ConvNorm(scope, middle, plan.OutChannels, Options(config, "conv_pwl", "bn2", new(), null))),
            { Experts: > 0 } => DeclareConditional(scope, config, plan, activation),
            _ => DeclareInverted(scope, config, plan, activation),
        };
        if (!plan.HasShortcut)
        {
            return Nn.Block(scope, Nn.Tidy(branch));
        }

        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Block(scope, Nn.Tidy((pass, x) => drop(pass, branch(pass, x)).AddInPlace(x)));
    }

    /// <summary>
    /// Declares an inverted bottleneck. With expansion 1 it has no expansion convolution, and the later names move up (timm's
    /// <c>DepthwiseSeparableConv</c>).
    /// </summary>
    private static Layer DeclareInverted(ParameterScope scope, Config config, BlockPlan plan, Layer activation)
    {
        var parts = new List<Layer?>();
        var norm = 1;
        if (plan.Stage.SpaceToDepth)
        {
            var folded = 4 * plan.Middle;
            parts.Add(Nn.ConvNorm(scope, plan.InChannels, folded, Options(config, "conv_s2d", "bn_s2d", new() { Kernel = 2, Stride = 2 }, activation)));

            // The smaller kernel covers the same part of the image.
            plan = plan with { Middle = folded, Stage = plan.Stage with { Kernel = (plan.Stage.Kernel + 1) / 2, Gate = plan.Stage.Gate / 4 } };
        }

        var (stage, middle) = (plan.Stage, plan.Middle);
        var expands = stage.Expansion > 1;
        if (expands)
        {
            parts.Add(Nn.ConvNorm(scope, plan.InChannels, middle, Options(config, "conv_pw", $"bn{norm++}", new(), activation)));
        }

        var depthwise = new Conv2dOptions { Kernel = stage.Kernel, Stride = stage.Stride, Groups = middle / config.GroupWidth };
        parts.Add(DownsamplingConvNorm(scope, config, middle, middle, Options(config, "conv_dw", $"bn{norm++}", depthwise, activation)));
        parts.Add(DeclareGate(scope["se"], config, plan, activation));
        parts.Add(Nn.ConvNorm(scope, middle, plan.OutChannels, Options(config, expands ? "conv_pwl" : "conv_pw", $"bn{norm}", new(), null)));
        return Nn.Sequential(parts);
    }

    /// <summary>
    /// Declares an inverted bottleneck whose kernels are mixed for each image; a fully connected layer computes the experts' weights from the
    /// means of the image's channels.
    /// </summary>
    private static Layer DeclareConditional(ParameterScope scope, Config config, BlockPlan plan, Layer activation)
    {
        var (stage, middle) = (plan.Stage, plan.Middle);
        var expand = Conv("conv_pw", plan.InChannels, middle, new());
        var norm1 = Nn.Norm(scope["bn1"], middle, NormOf(config), activation);
        var depthwise = Conv("conv_dw", middle, middle, new() { Kernel = stage.Kernel, Stride = stage.Stride, Groups = middle });
        var norm2 = Nn.Norm(scope["bn2"], middle, NormOf(config), activation);
        var gate = DeclareGate(scope["se"], config, plan, activation) ?? throw new InvalidOperationException("CondConv blocks must have a gate.");
        var project = Conv("conv_pwl", middle, plan.OutChannels, new());
        var norm3 = Nn.Norm(scope["bn3"], plan.OutChannels, NormOf(config), null);
        var routing = Nn.Sequential(
            Nn.GlobalAveragePool,
            Nn.Linear(scope["routing_fn"], plan.InChannels, stage.Experts, new()
            {
                WeightInitializer = new Initializer.Uniform(1 / Math.Sqrt(plan.InChannels + stage.Experts)),
                BiasInitializer = Initializer.Zeros,
            }),
            (_, x) => x.Sigmoid());
        return (pass, x) =>
        {
            var experts = routing(pass, x);
            var y = norm1(pass, expand(pass, x, experts));
            y = gate(pass, norm2(pass, depthwise(pass, y, experts)));
            return norm3(pass, project(pass, y, experts));
        };

        Func<ForwardContext, Value, Value, Value> Conv(string name, long from, long to, Conv2dOptions conv) =>
            Nn.ConditionalConv2d(scope[name], from, to, stage.Experts, Padded(config, conv) with
            {
                WeightInitializer = Initializer.HeFanOut(to, conv.Kernel * conv.Kernel, conv.Groups),
            });
    }

    /// <summary>Declares the gate of a block, or returns null if it has none.</summary>
    private static Layer? DeclareGate(ParameterScope scope, Config config, BlockPlan plan, Layer activation)
    {
        var (stage, channels) = (plan.Stage, plan.Middle);
        if (stage.Gate == 0)
        {
            return null;
        }

        var reduced = channels * (stage.Gate / stage.Expansion);
        if (config.GateKind == GateKind.GlobalContext)
        {
            return Nn.GlobalContext(scope, channels, Nn.MakeDivisible(reduced, 1, 0), activation);
        }

        return Nn.SqueezeExcite(scope, channels, new()
        {
            ReducedChannels = plan.Pruned?.Gate ?? (long)Math.Round(reduced),
            ReduceName = "conv_reduce",
            ExpandName = "conv_expand",
            Activation = activation,
            BiasInitializer = Initializer.Zeros,
        });
    }

    /// <summary>Declares the convolution of a block that may downsample: by its stride, or with anti-aliasing by a filter after it.</summary>
    private static Layer DownsamplingConvNorm(ParameterScope scope, Config config, long inChannels, long outChannels, ConvNormOptions options)
    {
        var blurs = config.Blur && options.Convolution.Stride > 1;
        return Nn.Sequential(
            Nn.ConvNorm(scope, inChannels, outChannels, blurs ? options with { Convolution = options.Convolution with { Stride = 1 } } : options),
            blurs ? Nn.BlurPool(scope["aa"].Path, mirrors: false) : null);
    }

    private static ConvNormOptions Options(Config config, string convolution, string norm, Conv2dOptions conv, Layer? activation) => new()
    {
        ConvolutionName = convolution,
        NormName = norm,
        Convolution = Padded(config, conv),
        Norm = NormOf(config),
        Activation = activation,
    };

    // timm uses TensorFlow's padding for kernels of even size in any case.
    private static Conv2dOptions Padded(Config config, Conv2dOptions conv) => conv with { Same = config.TensorFlow || conv.Kernel % 2 == 0 };

    private static NormOptions NormOf(Config config) => config.TensorFlow ? config.Norm with { Epsilon = 1e-3 } : config.Norm;
}
