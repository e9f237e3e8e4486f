using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// CoAtNet, two stages of convolutions and two of attention over the whole image with biases for relative places (Dai et al. 2021), as
/// timm's <c>maxxvit.py</c> has it; <c>_rw</c> names are timm's own, and <c>coatnext</c> is timm's with ConvNeXt's convolutions.
/// </summary>
public static class CoAtNet
{
    /// <summary>What makes a CoAtNet.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels a stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Channels of the stem's two convolutions.</summary>
        public required (int First, int Second) Stem { get; init; }

        /// <summary>The convolutional blocks.</summary>
        public MbConvOptions Convolution { get; init; } = new();

        /// <summary>ConvNeXt's convolutions instead; its form alone has layer scale in them.</summary>
        public bool ConvNext { get; init; }

        /// <summary>Each stage of attention begins with a convolution, which halves the image for it (timm's <c>cc</c>).</summary>
        public bool ConvolutionFirst { get; init; }

        /// <summary>
        /// Where a stage widens, queries, keys and values have the new width; otherwise the last matrix of the attention widens.
        /// </summary>
        public bool ExpandsFirst { get; init; }

        /// <summary>Whether the shortcut of an attention that widens has a bias.</summary>
        public bool ShortcutBias { get; init; } = true;

        /// <summary>The stages of attention halve the image by the maximum over 3 × 3 instead of the mean over 2 × 2.</summary>
        public bool MaxPool { get; init; }

        /// <summary>Batch normalisation around the attention, and before the pooling (timm's <c>bn</c>).</summary>
        public bool BatchNorm { get; init; }

        /// <summary>Where attention's biases come from.</summary>
        public RelativeBiasOptions Places { get; init; } = new();

        /// <summary>Width of a hidden layer in the head, as wide as the last stage; without it the head is the classifier alone.</summary>
        public bool HiddenHead { get; init; }

        /// <summary>Start of layer scale in the transformer parts; null goes without it.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception with { CropPct = 0.95 };
    }

    // Pixels of the image to a token of the last stage.
    private const int Token = 32;

    private const int HeadWidth = 32;

    // Of layer and batch normalisations around the attention.
    private const double Epsilon = 1e-6;

    // Stages before the first of attention.
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

    // timm's first ones: the gate before the normalisation, and no bias in the shortcut.
    private static readonly MbConvOptions Coat = new() { ActivatesFirst = true, GateActivation = Nn.Relu };
    private static readonly Config Zero = new()
    {
        Depths = [2, 3, 7, 2],
        Widths = [96, 192, 384, 768],
        Stem = (32, 64),
        Convolution = Coat with { Pools = true, GatesEarly = true },
        ShortcutBias = false,
    };

    private static readonly Config One = Zero with { Depths = [2, 6, 14, 2], Convolution = Coat with { GatesEarly = true } };
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

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("CoAtNet",
    [
        ("coatnet_pico_rw_224", Nano with { Depths = [2, 3, 5, 2], Preprocessing = Zero.Preprocessing }),
        ("coatnet_nano_rw_224", Nano with { Convolution = Nano.Convolution with { Pools = true } }),
        ("coatnet_0_rw_224", Zero),
        ("coatnet_1_rw_224", One),
        ("coatnet_2_rw_224", Two),
        ("coatnet_3_rw_224", Three),
        ("coatnet_bn_0_rw_224", Zero with
        {
            Convolution = Coat with { GatesEarly = true },
            BatchNorm = true,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 },
        }),
        ("coatnet_rmlp_nano_rw_224", Network(Nano, 384)),
        ("coatnet_rmlp_0_rw_224", Network(Zero) with { Convolution = Coat, ShortcutBias = true }),
        ("coatnet_rmlp_1_rw_224", Network(One, 384) with { Convolution = Coat with { Pools = true, GatesEarly = true, MaxPoolShortcut = true }, MaxPool = true }),
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
            Convolution = Coat with { Pools = true },
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
    ], Declare);

    private static Config Network(Config config, int features = 512) =>
        config with { Places = new() { From = RelativePosition.Network, Features = features } };

    private static LinearOptions Matrix(long from, long to, bool small, bool inMlp) => Nn.TransformerMatrix(from, to, small, inMlp);

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of 32: it could not be halved five times.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, Token);
        var root = ParameterScope.Root();
        var parts = new List<Layer>
        {
            config.ConvNext
                ? MaxVit.DeclareStem(
                    root["stem"],
                    config.Stem,
                    (scope, width) => Nn.Sequence(Nn.LayerNorm2d(scope, width), Nn.Gelu),
                    config.Convolution,
                    start: (_, _, _) => new Initializer.Normal(0.02))
                : MaxVit.DeclareStem(root["stem"], config.Stem, config.Convolution),
        };
        long channels = config.Stem.Second;
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            var attends = stage >= ConvolutionStages;
            var side = size >> (stage + 2);
            var spread = attends ? Nn.SpreadBias(side) : null;
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Nn.DropPathAt(index, blocks, options.DropPath);
                var (inner, stride, width) = (scope["blocks"][block], block == 0 ? 2 : 1, config.Widths[stage]);
                parts.Add(spread is not null && !(config.ConvolutionFirst && block == 0)
                    ? DeclareTransformer(inner, config, options, channels, width, stride, side, spread, dropPath)
                    : DeclareConvolution(inner, config, options, channels, width, stride, dropPath));
                channels = width;
            }
        }

        if (!config.HiddenHead)
        {
            parts.Add(Norm(root["norm"], config, channels));
        }

        var head = Nn.PooledHead(root["head"], channels, options, between: config.HiddenHead ? scope => Nn.HiddenTanh(scope, channels, Epsilon) : null);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(MaxVit.GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "stem.conv1",
        };
    }

    private static Layer Norm(ParameterScope scope, Config config, long channels) =>
        config.BatchNorm ? Nn.BatchNorm2d(scope, channels, Epsilon) : Nn.LayerNorm2d(scope, channels, Epsilon);

    private static Layer DeclareConvolution(ParameterScope scope, Config config, ModelOptions options, long inChannels, long outChannels, int stride, double dropPath) =>
        Nn.Checkpointed(config.ConvNext
            ? Nn.HalvingConvNext(scope, inChannels, outChannels, stride, new() { LayerScale = options.LayerScale ?? ConvNextLayerScale }, dropPath)
            : Nn.MbConv(scope, inChannels, outChannels, stride, config.Convolution, dropPath));

    /// <summary>Attention over all pixels of (N, C, H, W), halved first at stride 2, and an MLP, each behind a normalisation.</summary>
    private static Layer DeclareTransformer(
        ParameterScope scope, Config config, ModelOptions options, long inChannels, long outChannels, int stride, int side, Layer spread, double dropPath)
    {
        var halve = config.MaxPool ? Nn.StemMaxPool : Nn.HalvingAveragePool;
        var shortcut = stride == 1 ? null : Nn.Sequence(halve, inChannels == outChannels ? null : DeclareShortcut(scope["shortcut"]["expand"]));
        var norm1 = stride == 1 ? Norm(scope["norm1"], config, inChannels) : Nn.Sequence(Norm(scope["norm1"]["norm"], config, inChannels), halve);
        var attention = DeclareHeads(scope["attn"], config, inChannels, outChannels, side, spread);
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"]));
        var norm2 = Norm(scope["norm2"], config, outChannels);
        var mlp = Nn.Sequence(
            Nn.Linear(scope["mlp"]["fc1"], outChannels, 4 * outChannels, Stored(outChannels, 4 * outChannels, inMlp: true)),
            Nn.Gelu,
            Nn.Linear(scope["mlp"]["fc2"], 4 * outChannels, outChannels, Stored(4 * outChannels, outChannels, inMlp: true)));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"]));
        return Nn.Checkpointed(Nn.Tidy((pass, x) =>
        {
            // The matrices work on pixels one after another, (N, H × W, C).
            var normed = Nn.ChannelsToEnd(norm1(pass, x)).flatten(1, 2);
            var before = Nn.ChannelsToEnd(shortcut is null ? x : shortcut(pass, x));
            var attended = add1(pass, before, attention(pass, normed).reshape(before.shape));
            var inner = Nn.ChannelsToEnd(norm2(pass, Nn.ChannelsToFront(attended))).flatten(1, 2);
            return Nn.ChannelsToFront(add2(pass, attended, mlp(pass, inner).reshape(before.shape)));
        }));

        Layer DeclareShortcut(ParameterScope expand) => Nn.Conv2d(expand, inChannels, outChannels, new()
        {
            Bias = config.ShortcutBias,
            Start = Stored(inChannels, outChannels).Start,
            BiasStart = Initializer.Zeros,
        });

        LinearOptions Stored(long from, long to, bool inMlp = false) => Matrix(from, to, config.ConvNext, inMlp) with { StoredAsConvolution = true };

        TensorSlot? Scale(ParameterScope part) =>
            config.LayerScale is { } start ? part.Parameter("gamma", [outChannels], new Initializer.Constant(options.LayerScale ?? start)) : null;
    }

    /// <summary>Multi-head self-attention over (N, tokens, C) to (N, tokens, C') with a bias for each relative place; its matrices are stored as 1 × 1 convolutions.</summary>
    private static Layer DeclareHeads(ParameterScope scope, Config config, long inChannels, long outChannels, int side, Layer spread)
    {
        var width = config.ExpandsFirst ? outChannels : inChannels;
        var heads = (int)(width / HeadWidth);
        var qkv = Nn.Linear(scope["qkv"], inChannels, 3 * width, Stored(inChannels, 3 * width));
        var bias = Nn.RelativeBias(scope["rel_pos"], heads, side, spread, config.Places);
        var projection = Nn.Linear(scope["proj"], width, outChannels, Stored(width, outChannels));
        return Nn.Tidy((pass, x) =>
        {
            var parts = Nn.SplitHeadByHead(qkv(pass, x), heads);
            var mixed = Nn.Attend(pass, scope.Path, parts[0], parts[1], parts[2], bias(pass));
            return projection(pass, mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], width));
        });

        LinearOptions Stored(long from, long to) => Matrix(from, to, config.ConvNext, inMlp: false) with { StoredAsConvolution = true };
    }
}
