using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// CoAtNet (Dai et al. 2021): two convolutional stages and two stages of attention over the whole image with biases for relative positions.
/// Follows timm's <c>maxxvit.py</c>; <c>_rw</c> names are timm's own variants, and <c>coatnext</c> is timm's variant with ConvNeXt blocks.
/// </summary>
public static class CoAtNet
{
    /// <summary>Configuration of a CoAtNet.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels per stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Number of channels of the stem's two convolutions.</summary>
        public required (int First, int Second) Stem { get; init; }

        /// <summary>Settings of the convolutional blocks.</summary>
        public MbConvOptions Convolution { get; init; } = new();

        /// <summary>Whether the convolutional blocks are ConvNeXt blocks, which alone have layer scale.</summary>
        public bool ConvNext { get; init; }

        /// <summary>Whether each attention stage begins with a convolutional block, which downsamples (timm's <c>cc</c>).</summary>
        public bool ConvolutionFirst { get; init; }

        /// <summary>
        /// Whether queries, keys and values already have the new width where a stage adds channels; otherwise the output projection adds them.
        /// </summary>
        public bool ExpandsFirst { get; init; }

        /// <summary>Whether the shortcut of an attention block that adds channels has a bias.</summary>
        public bool ShortcutBias { get; init; } = true;

        /// <summary>Whether attention stages downsample by 3 × 3 max pooling instead of 2 × 2 average pooling.</summary>
        public bool MaxPool { get; init; }

        /// <summary>Whether batch normalisation replaces layer normalisation in attention blocks and before pooling (timm's <c>bn</c>).</summary>
        public bool BatchNorm { get; init; }

        /// <summary>Source of attention's biases.</summary>
        public RelativeBiasOptions RelativeBias { get; init; } = new();

        /// <summary>Whether the head has a hidden layer as wide as the last stage; otherwise it is the classifier alone.</summary>
        public bool HiddenHead { get; init; }

        /// <summary>Initial value of layer scale in the attention blocks; null has no layer scale.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception with { CropPct = 0.95 };
    }

    // Ratio of the input side to the side of the last stage.
    private const int Reduction = 32;

    private const int HeadWidth = 32;

    // Epsilon of the normalisations in attention blocks.
    private const double Epsilon = 1e-6;

    // Number of stages before the first attention stage.
    private const int ConvolutionStages = 2;

    private const double ConvNextLayerScale = 1e-5;

    private static readonly MbConvOptions PaperConvolution = new() { ExpandsOutput = true, OutputBias = true, Activation = Nn.Gelu };
    private static readonly Config Paper0 = new()
    {
        Depths = [2, 3, 5, 2],
        Widths = [96, 192, 384, 768],
        Stem = (64, 64),
        Convolution = PaperConvolution,
        ExpandsFirst = true,
        HiddenHead = true,
    };

    // timm's first variants: the gate comes before the normalisation, and the shortcut has no bias.
    private static readonly MbConvOptions Coat = new() { ActivatesFirst = true, GateActivation = Nn.Relu };
    private static readonly Config Zero = new()
    {
        Depths = [2, 3, 7, 2],
        Widths = [96, 192, 384, 768],
        Stem = (32, 64),
        Convolution = Coat with { PoolsFirst = true, GateBeforeNorm = true },
        ShortcutBias = false,
    };

    private static readonly Config One = Zero with { Depths = [2, 6, 14, 2], Convolution = Coat with { GateBeforeNorm = true } };
    private static readonly Config Two = One with
    {
        Widths = [128, 256, 512, 1024],
        Stem = (64, 128),
        Convolution = Coat with { GateActivation = Nn.Silu },
        ShortcutBias = true,
    };

    private static readonly Config Three = Two with { Widths = [192, 384, 768, 1536], Stem = (96, 192), LayerScale = 1e-6 };
    private static readonly Config Nano = new()
    {
        Depths = [3, 4, 6, 3],
        Widths = [64, 128, 256, 512],
        Stem = (32, 64),
        Convolution = new() { OutputBias = true },
        Preprocessing = Preprocessing.Inception,
    };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("CoAtNet",
    [
        ("coatnet_pico_rw_224", Nano with { Depths = [2, 3, 5, 2], Preprocessing = Zero.Preprocessing }),
        ("coatnet_nano_rw_224", Nano with { Convolution = Nano.Convolution with { PoolsFirst = true } }),
        ("coatnet_0_rw_224", Zero),
        ("coatnet_1_rw_224", One),
        ("coatnet_2_rw_224", Two),
        ("coatnet_3_rw_224", Three),
        ("coatnet_bn_0_rw_224", Zero with
        {
            Convolution = Coat with { GateBeforeNorm = true },
            BatchNorm = true,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 },
        }),
        ("coatnet_rmlp_nano_rw_224", Network(Nano, 384)),
        ("coatnet_rmlp_0_rw_224", Network(Zero) with { Convolution = Coat, ShortcutBias = true }),
        ("coatnet_rmlp_1_rw_224", Network(One, 384) with
        {
            Convolution = Coat with { PoolsFirst = true, GateBeforeNorm = true, MaxPoolShortcut = true },
            MaxPool = true,
        }),
        ("coatnet_rmlp_1_rw2_224", Network(One) with { Convolution = Coat, ShortcutBias = true }),
        ("coatnet_rmlp_2_rw_224", Network(Two) with { LayerScale = 1e-6 }),
        ("coatnet_rmlp_2_rw_384", Network(Two) with
        {
            LayerScale = 1e-6,
            InputSize = 384,
            Preprocessing = Preprocessing.Inception with { CropPct = 1, CropMode = "squash" },
        }),
        ("coatnet_rmlp_3_rw_224", Network(Three)),
        ("coatnet_nano_cc_224", Nano with
        {
            Convolution = Coat with { PoolsFirst = true },
            ConvolutionFirst = true,
            Preprocessing = Zero.Preprocessing,
        }),
        ("coatnext_nano_rw_224", Nano with { ConvNext = true }),
        ("coatnet_0_224", Paper0),
        ("coatnet_1_224", Paper0 with { Depths = [2, 6, 14, 2] }),
        ("coatnet_2_224", Paper0 with { Depths = [2, 6, 14, 2], Widths = [128, 256, 512, 1024], Stem = (128, 128) }),
        ("coatnet_3_224", Paper0 with { Depths = [2, 6, 14, 2], Widths = [192, 384, 768, 1536], Stem = (192, 192) }),
        ("coatnet_4_224", Paper0 with { Depths = [2, 12, 28, 2], Widths = [192, 384, 768, 1536], Stem = (192, 192) }),
        ("coatnet_5_224", Paper0 with { Depths = [2, 12, 28, 2], Widths = [256, 512, 1280, 2048], Stem = (192, 192) }),
    ], Declare) with
    { Order = 22 };

    private static Config Network(Config config, int features = 512) =>
        config with { RelativeBias = new() { Kind = RelativeBiasKind.Network, HiddenFeatures = features } };

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of 32, so that it cannot be halved five times.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: Reduction);
        var root = ParameterScope.Root();
        var parts = new List<Layer>
        {
            config.ConvNext
                ? MaxVit.DeclareStem(
                    root["stem"],
                    config.Stem,
                    (scope, width) => Nn.Sequential(Nn.LayerNorm2d(scope, width), Nn.Gelu),
                    config.Convolution,
                    initializer: (_, _, _) => new Initializer.Normal(0.02))
                : MaxVit.DeclareStem(root["stem"], config.Stem, config.Convolution),
        };
        long channels = config.Stem.Second;
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            var attends = stage >= ConvolutionStages;
            var side = size >> (stage + 2);
            var gather = attends ? Nn.GatherRelativeBias(side) : null;
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var shape = new BlockShape(channels, config.Widths[stage], block == 0 ? 2 : 1, Nn.DropPathAt(index, blocks, options.DropPath));
                var inner = scope["blocks"][block];
                parts.Add(gather is not null && !(config.ConvolutionFirst && block == 0)
                    ? DeclareTransformer(inner, config, options, shape, side, gather)
                    : DeclareConvolution(inner, config, options, shape));
                channels = shape.OutChannels;
            }
        }

        if (!config.HiddenHead)
        {
            parts.Add(Norm(root["norm"], config, channels));
        }

        var head = Nn.PooledHead(root["head"], channels, options, middle: config.HiddenHead ? scope => Nn.PreLogits(scope, channels, Epsilon) : null);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(MaxVit.GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "stem.conv1",
        };
    }

    private static Layer Norm(ParameterScope scope, Config config, long channels) =>
        config.BatchNorm ? Nn.BatchNorm2d(scope, channels, Epsilon) : Nn.LayerNorm2d(scope, channels, Epsilon);

    private static Layer DeclareConvolution(ParameterScope scope, Config config, ModelOptions options, BlockShape shape)
    {
        var (inChannels, outChannels, stride, dropPath) = shape;
        return Nn.Block(scope, config.ConvNext
            ? Nn.ConvNextBlock(scope, inChannels, outChannels, stride, new() { LayerScale = options.LayerScale ?? ConvNextLayerScale }, dropPath)
            : Nn.MbConv(scope, inChannels, outChannels, stride, config.Convolution, dropPath));
    }

    /// <summary>
    /// Declares attention over all pixels of (N, C, H, W), downsampled first at stride 2, and an MLP, each after a normalisation.
    /// </summary>
    private static Layer DeclareTransformer(ParameterScope scope, Config config, ModelOptions options, BlockShape shape, int side, Layer gather)
    {
        var (inChannels, outChannels, stride, dropPath) = shape;
        var halve = config.MaxPool ? Nn.StemMaxPool : Nn.HalvingAveragePool;
        var shortcut = stride == 1 ? null : Nn.Sequential(halve, inChannels == outChannels ? null : DeclareShortcut(scope["shortcut"]["expand"]));
        var norm1 = stride == 1 ? Norm(scope["norm1"], config, inChannels) : Nn.Sequential(Norm(scope["norm1"]["norm"], config, inChannels), halve);
        var attention = Nn.Over(new TokenLayout(0, side, side), DeclareHeads(scope["attn"], config, inChannels, outChannels, side, gather));
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"]));
        var norm2 = Norm(scope["norm2"], config, outChannels);
        var mlp = Nn.Sequential(
            Nn.Linear(scope["mlp"]["fc1"], outChannels, 4 * outChannels, Stored(outChannels, 4 * outChannels, inMlp: true)),
            Nn.Gelu,
            Nn.Linear(scope["mlp"]["fc2"], 4 * outChannels, outChannels, Stored(4 * outChannels, outChannels, inMlp: true)));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"]));
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            // The fully connected layers work on (N, H × W, C).
            var normed = Nn.ChannelsToEnd(norm1(pass, x)).Flatten(1, 2);
            var before = Nn.ChannelsToEnd(shortcut is null ? x : shortcut(pass, x));
            var attended = add1(pass, before, attention(pass, normed).Reshape(before.Shape));
            var inner = Nn.ChannelsToEnd(norm2(pass, Nn.ChannelsToFront(attended))).Flatten(1, 2);
            return Nn.ChannelsToFront(add2(pass, attended, mlp(pass, inner).Reshape(before.Shape)));
        }));

        Layer DeclareShortcut(ParameterScope expand) => Nn.Conv2d(expand, inChannels, outChannels, new()
        {
            Bias = config.ShortcutBias,
            WeightInitializer = Stored(inChannels, outChannels).WeightInitializer,
            BiasInitializer = Initializer.Zeros,
        });

        LinearOptions Stored(long from, long to, bool inMlp = false) =>
            Nn.TransformerLinear(from, to, config.ConvNext, inMlp) with { StoredAsConvolution = true };

        TensorSlot? Scale(ParameterScope part) =>
            config.LayerScale is { } initial ? part.Parameter("gamma", [outChannels], new Initializer.Constant(options.LayerScale ?? initial)) : null;
    }

    /// <summary>
    /// Declares multi-head self-attention, (N, tokens, C) to (N, tokens, C'), with a bias for each relative position; its projections are
    /// stored as 1 × 1 convolutions.
    /// </summary>
    private static Layer DeclareHeads(ParameterScope scope, Config config, long inChannels, long outChannels, int side, Layer gather)
    {
        var width = config.ExpandsFirst ? outChannels : inChannels;
        var heads = (int)(width / HeadWidth);
        var qkv = Nn.Linear(scope["qkv"], inChannels, 3 * width, Stored(inChannels, 3 * width));
        var bias = Nn.RelativeBias(scope["rel_pos"], heads, side, gather, config.RelativeBias);
        var projection = Nn.Linear(scope["proj"], width, outChannels, Stored(width, outChannels));
        return Nn.Tidy((pass, x) =>
        {
            var parts = Nn.SplitInterleavedHeads(qkv(pass, x), heads);
            var mixed = Nn.ScaledDotProductAttention(pass, scope.Path, parts[0], parts[1], parts[2], bias(pass));
            return projection(pass, mixed.Transpose(1, 2).Reshape(x.Shape[0], x.Shape[1], width));
        });

        LinearOptions Stored(long from, long to) => Nn.TransformerLinear(from, to, config.ConvNext, inMlp: false) with { StoredAsConvolution = true };
    }
}
