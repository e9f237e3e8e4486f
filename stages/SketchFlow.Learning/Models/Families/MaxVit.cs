using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// MaxViT (Tu et al. 2022): each block has a convolution, attention within windows and attention over a grid. Follows timm's
/// <c>maxxvit.py</c>; <c>_tf</c> names are the paper's networks, with TensorFlow's padding and epsilons, <c>_rw</c> names are timm's own
/// variants, and <c>maxxvit</c> is timm's variant with ConvNeXt blocks.
/// </summary>
public static class MaxVit
{
    /// <summary>Configuration of a MaxViT.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels per stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Number of channels of the stem's two convolutions.</summary>
        public required (int First, int Second) Stem { get; init; }

        /// <summary>Whether TensorFlow's padding and epsilons, the tanh approximation of GELU, and biases in the stem are used.</summary>
        public bool TensorFlow { get; init; }

        /// <summary>Whether ConvNeXt blocks replace inverted bottlenecks (timm's <c>maxxvit</c>).</summary>
        public bool ConvNext { get; init; }

        /// <summary>Whether blocks have grid attention only, without window attention (timm's <c>maxxvitv2</c>).</summary>
        public bool GridOnly { get; init; }

        /// <summary>
        /// Whether blocks have two convolutions, then window and grid attention in parallel, each with half the output channels, and one MLP
        /// (timm's <c>pm</c>).
        /// </summary>
        public bool ParallelPartitions { get; init; }

        /// <summary>Source of attention's biases.</summary>
        public RelativeBiasKind RelativeBias { get; init; } = RelativeBiasKind.Table;

        /// <summary>Whether weights start normal with standard deviation 0.02 instead of depending on the size of their layer.</summary>
        public bool NormalInitializer { get; init; }

        /// <summary>Whether the head has a hidden layer as wide as the last stage; otherwise it is the classifier alone.</summary>
        public bool HiddenHead { get; init; }

        /// <summary>Initial value of layer scale in attention blocks and ConvNeXt blocks; null has no layer scale.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception with { CropPct = 0.95 };
    }

    /// <summary>
    /// Side of windows and grids in tokens, and the layer that gathers relative biases for pairs of tokens; both are equal at every stage.
    /// </summary>
    private sealed record Window(int Side, Layer Gather);

    // Ratio of the input side to the side of the last stage. Windows and grids have 1 / 32 of the input's side in tokens at every stage.
    private const int Reduction = 32;

    private const int HeadWidth = 32;

    private static readonly Config TinyTf = new()
    {
        Depths = [2, 2, 5, 2],
        Widths = [64, 128, 256, 512],
        Stem = (64, 64),
        TensorFlow = true,
        RelativeBias = RelativeBiasKind.TensorFlowTable,
        HiddenHead = true,
    };

    private static readonly Config SmallTf = TinyTf with { Widths = [96, 192, 384, 768] };
    private static readonly Config BaseTf = SmallTf with { Depths = [2, 6, 14, 2] };
    private static readonly Config LargeTf = BaseTf with { Widths = [128, 256, 512, 1024], Stem = (128, 128) };
    private static readonly Config XLargeTf = BaseTf with { Widths = [192, 384, 768, 1536], Stem = (192, 192) };
    private static readonly Config Pico = new() { Depths = [2, 2, 5, 2], Widths = [32, 64, 128, 256], Stem = (24, 32) };
    private static readonly Config Nano = new() { Depths = [1, 2, 3, 1], Widths = [64, 128, 256, 512], Stem = (32, 64) };
    private static readonly Config Tiny = Nano with { Depths = [2, 2, 5, 2] };
    private static readonly Config Small = Tiny with { Widths = [96, 192, 384, 768], LayerScale = 1e-6 };
    private static readonly Config Base = new() { Depths = [2, 6, 14, 2], Widths = [96, 192, 384, 768], Stem = (32, 64), HiddenHead = true };
    private static readonly Config NanoX = Nano with { ConvNext = true, LayerScale = 1e-6 };
    private static readonly Config BaseX = new()
    {
        Depths = [2, 6, 12, 2],
        Widths = [128, 256, 512, 1024],
        Stem = (64, 128),
        ConvNext = true,
        GridOnly = true,
        RelativeBias = RelativeBiasKind.Network,
        LayerScale = 1e-6,
    };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("MaxVit",
    [
        ("maxvit_tiny_tf_224", ImageNet(TinyTf)),
        ("maxvit_tiny_tf_384", Squash(TinyTf, 384)),
        ("maxvit_tiny_tf_512", Squash(TinyTf, 512)),
        ("maxvit_small_tf_224", ImageNet(SmallTf)),
        ("maxvit_small_tf_384", Squash(SmallTf, 384)),
        ("maxvit_small_tf_512", Squash(SmallTf, 512)),
        ("maxvit_base_tf_224", ImageNet(BaseTf)),
        ("maxvit_base_tf_384", Squash(BaseTf, 384)),
        ("maxvit_base_tf_512", Squash(BaseTf, 512)),
        ("maxvit_large_tf_224", ImageNet(LargeTf)),
        ("maxvit_large_tf_384", Squash(LargeTf, 384)),
        ("maxvit_large_tf_512", Squash(LargeTf, 512)),
        ("maxvit_xlarge_tf_224", XLargeTf),
        ("maxvit_xlarge_tf_384", Squash(XLargeTf, 384)),
        ("maxvit_xlarge_tf_512", Squash(XLargeTf, 512)),
        ("maxvit_pico_rw_256", Pico with { InputSize = 256 }),
        ("maxvit_nano_rw_256", Nano with { InputSize = 256 }),
        ("maxvit_tiny_rw_224", Tiny),
        ("maxvit_tiny_rw_256", Tiny with { InputSize = 256 }),
        ("maxvit_rmlp_pico_rw_256", Network(Pico) with { InputSize = 256 }),
        ("maxvit_rmlp_nano_rw_256", Network(Nano) with { InputSize = 256 }),
        ("maxvit_rmlp_tiny_rw_256", Network(Tiny) with { InputSize = 256 }),
        ("maxvit_rmlp_small_rw_224", Network(Small) with { Preprocessing = Preprocessing.Inception with { CropPct = 0.9 } }),
        ("maxvit_rmlp_small_rw_256", Network(Small) with { InputSize = 256 }),
        ("maxvit_rmlp_base_rw_224", Network(Base)),
        ("maxvit_rmlp_base_rw_384", Squash(Network(Base), 384)),
        ("maxvit_tiny_pm_256", Tiny with { ParallelPartitions = true, InputSize = 256 }),
        ("maxxvit_rmlp_nano_rw_256", Network(NanoX) with { NormalInitializer = true, InputSize = 256 }),
        ("maxxvit_rmlp_tiny_rw_256", Network(NanoX) with { Depths = [2, 2, 5, 2], InputSize = 256 }),
        ("maxxvit_rmlp_small_rw_256", Network(NanoX) with
        {
            Depths = [2, 2, 5, 2],
            Widths = [96, 192, 384, 768],
            Stem = (48, 96),
            InputSize = 256,
        }),
        ("maxxvitv2_nano_rw_256", NanoX with
        {
            Widths = [96, 192, 384, 768],
            Stem = (48, 96),
            GridOnly = true,
            NormalInitializer = true,
            InputSize = 256,
        }),
        ("maxxvitv2_rmlp_base_rw_224", BaseX),
        ("maxxvitv2_rmlp_base_rw_384", Squash(BaseX, 384)),
        ("maxxvitv2_rmlp_large_rw_224", BaseX with
        {
            Depths = [2, 6, 16, 2],
            Widths = [160, 320, 640, 1280],
            Stem = (80, 160),
            HiddenHead = true,
        }),
    ], Declare) with
    {
        Order = 21,
        FineTunesAsLarge = true,
        GenericPrefixes = ["maxxvit"],
    };

    private static Config ImageNet(Config config) => config with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 } };

    private static Config Squash(Config config, int size) =>
        config with { InputSize = size, Preprocessing = Preprocessing.Inception with { CropPct = 1, CropMode = "squash" } };

    private static Config Network(Config config) => config with { RelativeBias = RelativeBiasKind.Network };

    // Follows timm's group_matcher; the groups are the stages.
    internal static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of 32, so that windows do not fill the image.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: Reduction);
        var root = ParameterScope.Root();
        var convolutions = Bottleneck(config);
        var parts = new List<Layer>
        {
            config.ConvNext
                ? DeclareStem(
                    root["stem"],
                    config.Stem,
                    (scope, width) => Nn.Sequential(Nn.LayerNorm2d(scope, width), Nn.Gelu),
                    convolutions,
                    initializer: ConvNextInitializer(config))
                : DeclareStem(root["stem"], config.Stem, convolutions, bias: config.TensorFlow),
        };
        var side = size / Reduction;
        var window = new Window(side, Nn.GatherRelativeBias(side, fromQuery: config.RelativeBias == RelativeBiasKind.TensorFlowTable));
        long channels = config.Stem.Second;
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var shape = new BlockShape(channels, config.Widths[stage], block == 0 ? 2 : 1, Nn.DropPathAt(index, blocks, options.DropPath));
                parts.Add(DeclareBlock(scope["blocks"][block], config, options, shape, window));
                channels = config.Widths[stage];
            }
        }

        var epsilon = TransformerEpsilon(config);
        if (!config.HiddenHead)
        {
            parts.Add(Nn.LayerNorm2d(root["norm"], channels, epsilon));
        }

        var head = Nn.PooledHead(root["head"], channels, options, middle: config.HiddenHead ? scope => Nn.PreLogits(scope, channels, epsilon) : null);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "stem.conv1",
        };
    }

    private static double TransformerEpsilon(Config config) => config.TensorFlow ? 1e-5 : 1e-6;

    private static MbConvOptions Bottleneck(Config config) => config.TensorFlow
        ? new() { ExpandsOutput = true, OutputBias = true, Activation = Nn.GeluTanh, Same = true, Epsilon = 1e-3 }
        : new() { GateRatio = 1.0 / 16 };

    /// <summary>Returns the initializer of the ConvNeXt blocks for output channels, kernel area and groups.</summary>
    private static Func<long, long, long, Initializer> ConvNextInitializer(Config config) =>
        config.NormalInitializer ? (_, _, _) => new Initializer.Normal(0.02) : Initializer.HeFanOut;

    /// <summary>Declares a stem of two convolutions with batch normalisation and an activation between them, the first at stride 2.</summary>
    internal static Layer DeclareStem(ParameterScope scope, (int First, int Second) widths, MbConvOptions options, bool bias = false) => DeclareStem(
        scope, widths, (inner, width) => Nn.Sequential(Nn.BatchNorm2d(inner, width, options.Epsilon), options.Activation), options, bias);

    /// <summary>Declares a stem of two convolutions with a given layer between them, the first at stride 2.</summary>
    internal static Layer DeclareStem(
        ParameterScope scope,
        (int First, int Second) widths,
        Func<ParameterScope, long, Layer> between,
        MbConvOptions options,
        bool bias = false,
        Func<long, long, long, Initializer>? initializer = null)
    {
        return Nn.Sequential(
            Conv("conv1", 3, widths.First, 2),
            between(scope["norm1"], widths.First),
            Conv("conv2", widths.First, widths.Second, 1));

        Layer Conv(string name, long from, long to, int stride) => Nn.Conv2d(scope[name], from, to, new()
        {
            Kernel = 3,
            Stride = stride,
            Bias = bias,
            Same = options.Same,
            WeightInitializer = (initializer ?? Initializer.HeFanOut)(to, 9, 1),
            BiasInitializer = Initializer.Zeros,
        });
    }

    /// <summary>Declares a convolution, attention within windows, and attention over the grid.</summary>
    private static Layer DeclareBlock(ParameterScope scope, Config config, ModelOptions options, BlockShape shape, Window window)
    {
        if (config.ParallelPartitions)
        {
            return Transformer(
                Nn.Sequential(
                    DeclareConvolution(scope["conv"][0], config, options, shape),
                    DeclareConvolution(scope["conv"][1], config, options, shape with { InChannels = shape.OutChannels, Stride = 1 })),
                DeclareParallelAttention(scope["attn"], config, options, shape, window));
        }

        var convolution = DeclareConvolution(scope["conv"], config, options, shape);
        var windowAttention = config.GridOnly ? null : DeclareAttention(scope["attn_block"], config, options, shape, window, grid: false);
        var gridAttention = DeclareAttention(scope["attn_grid"], config, options, shape, window, grid: true);
        return Transformer(convolution, Nn.Sequential(windowAttention, gridAttention));

        Layer Transformer(Layer convolution, Layer attention) => Nn.Block(scope, Nn.Tidy((pass, x) =>
            Nn.ChannelsToFront(attention(pass, Nn.ChannelsToEnd(convolution(pass, x))))));
    }

    private static Layer DeclareConvolution(ParameterScope scope, Config config, ModelOptions options, BlockShape shape)
    {
        var (inChannels, outChannels, stride, dropPath) = shape;
        if (!config.ConvNext)
        {
            return Nn.MbConv(scope, inChannels, outChannels, stride, Bottleneck(config), dropPath);
        }

        var layerScale = config.LayerScale is null ? null : options.LayerScale ?? config.LayerScale;
        return Nn.ConvNextBlock(
            scope, inChannels, outChannels, stride, new() { LayerScale = layerScale, WeightInitializer = ConvNextInitializer(config) }, dropPath);
    }

    /// <summary>Declares a transformer block over (N, H, W, C) with attention within windows, or over a grid of the whole image.</summary>
    private static Layer DeclareAttention(ParameterScope scope, Config config, ModelOptions options, BlockShape shape, Window window, bool grid)
    {
        return DeclareTransformer(scope, config, options, shape, Attention);

        Layer Attention() => Partitioned(DeclareHeads(scope["attn"], config, shape.OutChannels, shape.OutChannels, window), window.Side, grid);
    }

    /// <summary>
    /// Declares a transformer block over (N, H, W, C) with window and grid attention in parallel, each with half the output channels.
    /// </summary>
    private static Layer DeclareParallelAttention(ParameterScope scope, Config config, ModelOptions options, BlockShape shape, Window window)
    {
        return DeclareTransformer(scope, config, options, shape, Attention);

        Layer Attention()
        {
            var width = shape.OutChannels;
            var windowAttention = Partitioned(DeclareHeads(scope["attn_block"], config, width, width / 2, window), window.Side, grid: false);
            var gridAttention = Partitioned(DeclareHeads(scope["attn_grid"], config, width, width / 2, window), window.Side, grid: true);
            return (pass, x) => Value.Concatenate([windowAttention(pass, x), gridAttention(pass, x)], -1);
        }
    }

    private static Layer DeclareTransformer(
        ParameterScope scope, Config config, ModelOptions options, BlockShape shape, Func<Layer> declareAttention)
    {
        var (width, dropPath, epsilon) = (shape.OutChannels, shape.DropPath, TransformerEpsilon(config));
        var norm1 = Nn.LayerNorm(scope["norm1"], width, epsilon);
        var attention = declareAttention();
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"]));
        var norm2 = Nn.LayerNorm(scope["norm2"], width, epsilon);
        var mlp = Nn.Sequential(
            Nn.Linear(scope["mlp"]["fc1"], width, 4 * width, Linear(config, width, 4 * width, inMlp: true)),
            config.TensorFlow ? Nn.GeluTanh : Nn.Gelu,
            Nn.Linear(scope["mlp"]["fc2"], 4 * width, width, Linear(config, 4 * width, width, inMlp: true)));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"]));
        return Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, attention(pass, norm1(pass, x)));
            return add2(pass, attended, mlp(pass, norm2(pass, attended)));
        });

        TensorSlot? Scale(ParameterScope part) => config.LayerScale is { } initial
            ? part.Parameter("gamma", [width], new Initializer.Constant(options.LayerScale ?? initial))
            : null;
    }

    /// <summary>Applies attention over (windows, tokens, C) to (N, H, W, C).</summary>
    private static Layer Partitioned(Layer attention, int window, bool grid) => (pass, x) =>
    {
        var side = x.Shape[1];
        var over = pass.Over(new TokenLayout(0, (int)side, (int)side) { Partition = new(window) { IsSpread = grid } });
        return grid
            ? Nn.FromGrid(attention(over, Nn.ToGrid(x, window)), window, side)
            : Nn.FromWindows(attention(over, Nn.ToWindows(x, window)), window, side);
    };

    /// <summary>Declares multi-head self-attention over (windows, tokens, C) with a bias for each relative position.</summary>
    private static Layer DeclareHeads(ParameterScope scope, Config config, long width, long outWidth, Window window)
    {
        var heads = (int)(width / HeadWidth);
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width, Linear(config, width, 3 * width));
        var biasOptions = new RelativeBiasOptions { Kind = config.RelativeBias, LayerOptions = (from, to) => Linear(config, from, to, inMlp: true) };
        var bias = Nn.RelativeBias(scope["rel_pos"], heads, window.Side, window.Gather, biasOptions);
        var projection = Nn.Linear(scope["proj"], width, outWidth, Linear(config, width, outWidth));
        return Nn.Tidy((pass, x) =>
        {
            var all = qkv(pass, x);

            // In timm's variants each head's query, key and value are adjacent; the paper stores all queries, then all keys, then all values.
            var parts = config.TensorFlow ? Nn.SplitHeads(all, heads) : Nn.SplitInterleavedHeads(all, heads);
            var mixed = Nn.ScaledDotProductAttention(pass, scope.Path, parts[0], parts[1], parts[2], bias(pass));
            return projection(pass, mixed.Transpose(1, 2).Reshape(x.Shape));
        });
    }

    private static LinearOptions Linear(Config config, long from, long to, bool inMlp = false) =>
        Nn.TransformerLinear(from, to, config.NormalInitializer, inMlp);
}
