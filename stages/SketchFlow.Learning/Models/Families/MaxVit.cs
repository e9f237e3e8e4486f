using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// MaxViT, convolution, attention within windows and attention over a grid, block by block (Tu et al. 2022), as timm's
/// <c>maxxvit.py</c> has it; <c>_tf</c> names are the paper's, with TensorFlow's padding and epsilons, <c>_rw</c> names timm's own,
/// and <c>maxxvit</c> is timm's with ConvNeXt's convolutions.
/// </summary>
public static class MaxVit
{
    /// <summary>What makes a MaxViT.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels a stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Channels of the stem's two convolutions.</summary>
        public required (int First, int Second) Stem { get; init; }

        /// <summary>TensorFlow's padding and epsilons, GELU by its tanh approximation, and biases beside the convolutions.</summary>
        public bool TensorFlow { get; init; }

        /// <summary>ConvNeXt's convolutions instead of inverted bottlenecks (timm's <c>maxxvit</c>).</summary>
        public bool ConvNext { get; init; }

        /// <summary>Attention over the grid alone, without windows (timm's <c>maxxvitv2</c>).</summary>
        public bool GridAlone { get; init; }

        /// <summary>
        /// Two convolutions, then windows and grid side by side, each giving half the channels, before one MLP (timm's <c>pm</c>).
        /// </summary>
        public bool Abreast { get; init; }

        /// <summary>Where attention's biases come from.</summary>
        public RelativePosition Places { get; init; } = RelativePosition.Table;

        /// <summary>Weights start normal with standard deviation 0.02 instead of by the size of their layer.</summary>
        public bool SmallStart { get; init; }

        /// <summary>Width of a hidden layer in the head, as wide as the last stage; without it the head is the classifier alone.</summary>
        public bool HiddenHead { get; init; }

        /// <summary>Start of layer scale in the transformer parts and ConvNeXt's convolutions; null goes without it.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception with { CropPct = 0.95 };
    }

    /// <summary>Side of windows and grids in tokens, and what brings biases of places to pairs of tokens: the same at every stage.</summary>
    private sealed record Window(int Side, Layer Spread);

    // Pixels of the image to a token of the last stage: windows and grids have this part of the image's side in tokens, at every stage.
    private const int Partition = 32;

    private const int HeadWidth = 32;

    private static readonly Config TinyTf = new() { Depths = [2, 2, 5, 2], Widths = [64, 128, 256, 512], Stem = (64, 64), TensorFlow = true, Places = RelativePosition.TensorFlowTable, HiddenHead = true };
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
        GridAlone = true,
        Places = RelativePosition.Network,
        LayerScale = 1e-6,
    };

    /// <summary>All of them, by timm's name.</summary>
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
        ("maxvit_tiny_pm_256", Tiny with { Abreast = true, InputSize = 256 }),
        ("maxxvit_rmlp_nano_rw_256", Network(NanoX) with { SmallStart = true, InputSize = 256 }),
        ("maxxvit_rmlp_tiny_rw_256", Network(NanoX) with { Depths = [2, 2, 5, 2], InputSize = 256 }),
        ("maxxvit_rmlp_small_rw_256", Network(NanoX) with { Depths = [2, 2, 5, 2], Widths = [96, 192, 384, 768], Stem = (48, 96), InputSize = 256 }),
        ("maxxvitv2_nano_rw_256", NanoX with { Widths = [96, 192, 384, 768], Stem = (48, 96), GridAlone = true, SmallStart = true, InputSize = 256 }),
        ("maxxvitv2_rmlp_base_rw_224", BaseX),
        ("maxxvitv2_rmlp_base_rw_384", Squash(BaseX, 384)),
        ("maxxvitv2_rmlp_large_rw_224", BaseX with { Depths = [2, 6, 16, 2], Widths = [160, 320, 640, 1280], Stem = (80, 160), HiddenHead = true }),
    ], Declare) with
    {
        FineTunesAsLarge = true,
        GenericPrefixes = ["maxxvit"],
    };

    private static Config ImageNet(Config config) => config with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 } };

    private static Config Squash(Config config, int size) =>
        config with { InputSize = size, Preprocessing = Preprocessing.Inception with { CropPct = 1, CropMode = "squash" } };

    private static Config Network(Config config) => config with { Places = RelativePosition.Network };

    // timm's group_matcher: here the groups are the stages.
    internal static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of 32: windows would not fill it.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, Partition);
        var root = ParameterScope.Root();
        var convolutions = Bottleneck(config);
        var parts = new List<Layer>
        {
            config.ConvNext
                ? DeclareStem(root["stem"], config.Stem, (scope, width) => Nn.Sequence(Nn.LayerNorm2d(scope, width), Nn.Gelu), convolutions, start: Fresh(config))
                : DeclareStem(root["stem"], config.Stem, convolutions, bias: config.TensorFlow),
        };
        var window = new Window(size / Partition, Nn.SpreadBias(size / Partition, fromQuery: config.Places == RelativePosition.TensorFlowTable));
        long channels = config.Stem.Second;
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Nn.DropPathAt(index, blocks, options.DropPath);
                parts.Add(DeclareBlock(scope["blocks"][block], config, options, channels, config.Widths[stage], window, block == 0 ? 2 : 1, dropPath));
                channels = config.Widths[stage];
            }
        }

        var epsilon = TransformerEpsilon(config);
        if (!config.HiddenHead)
        {
            parts.Add(Nn.LayerNorm2d(root["norm"], channels, epsilon));
        }

        var head = Nn.PooledHead(root["head"], channels, options, between: config.HiddenHead ? scope => Nn.HiddenTanh(scope, channels, epsilon) : null);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "stem.conv1",
        };
    }

    private static double TransformerEpsilon(Config config) => config.TensorFlow ? 1e-5 : 1e-6;

    private static MbConvOptions Bottleneck(Config config) => config.TensorFlow
        ? new() { ExpandsOutput = true, OutputBias = true, Activation = Nn.GeluTanh, Same = true, Epsilon = 1e-3 }
        : new() { GateRatio = 1.0 / 16 };

    /// <summary>How ConvNeXt's convolutions start.</summary>
    private static Func<long, long, long, Initializer> Fresh(Config config) =>
        config.SmallStart ? (_, _, _) => new Initializer.Normal(0.02) : Initializer.HeFanOut;

    /// <summary>Two convolutions with batch normalisation and an activation between, the first at stride 2.</summary>
    internal static Layer DeclareStem(ParameterScope scope, (int First, int Second) widths, MbConvOptions options, bool bias = false) => DeclareStem(
        scope, widths, (inner, width) => Nn.Sequence(Nn.BatchNorm2d(inner, width, options.Epsilon), options.Activation), options, bias);

    /// <summary>The same with another layer between.</summary>
    internal static Layer DeclareStem(
        ParameterScope scope,
        (int First, int Second) widths,
        Func<ParameterScope, long, Layer> between,
        MbConvOptions options,
        bool bias = false,
        Func<long, long, long, Initializer>? start = null)
    {
        return Nn.Sequence(
            Conv("conv1", 3, widths.First, 2),
            between(scope["norm1"], widths.First),
            Conv("conv2", widths.First, widths.Second, 1));

        Layer Conv(string name, long from, long to, int stride) => Nn.Conv2d(scope[name], from, to, new()
        {
            Kernel = 3,
            Stride = stride,
            Bias = bias,
            Same = options.Same,
            Start = (start ?? Initializer.HeFanOut)(to, 9, 1),
            BiasStart = Initializer.Zeros,
        });
    }

    /// <summary>A convolution, then attention within windows, then attention over the grid.</summary>
    private static Layer DeclareBlock(ParameterScope scope, Config config, ModelOptions options, long inChannels, long outChannels, Window window, int stride, double dropPath)
    {
        if (config.Abreast)
        {
            return Transformer(
                Nn.Sequence(
                    DeclareConvolution(scope["conv"][0], config, options, inChannels, outChannels, stride, dropPath),
                    DeclareConvolution(scope["conv"][1], config, options, outChannels, outChannels, 1, dropPath)),
                DeclareAbreast(scope["attn"], config, options, outChannels, window, dropPath));
        }

        var convolution = DeclareConvolution(scope["conv"], config, options, inChannels, outChannels, stride, dropPath);
        var within = config.GridAlone ? null : DeclareAttention(scope["attn_block"], config, options, outChannels, window, grid: false, dropPath);
        var across = DeclareAttention(scope["attn_grid"], config, options, outChannels, window, grid: true, dropPath);
        return Transformer(convolution, Nn.Sequence(within, across));

        static Layer Transformer(Layer convolution, Layer attention) => Nn.Checkpointed(Nn.Tidy((pass, x) =>
            Nn.ChannelsToFront(attention(pass, Nn.ChannelsToEnd(convolution(pass, x))))));
    }

    private static Layer DeclareConvolution(ParameterScope scope, Config config, ModelOptions options, long inChannels, long outChannels, int stride, double dropPath) => config.ConvNext
        ? Nn.HalvingConvNext(
            scope, inChannels, outChannels, stride, new() { LayerScale = config.LayerScale is null ? null : options.LayerScale ?? config.LayerScale, Start = Fresh(config) }, dropPath)
        : Nn.MbConv(scope, inChannels, outChannels, stride, Bottleneck(config), dropPath);

    /// <summary>A transformer block over (N, H, W, C) whose attention sees a window of neighbours, or a grid over the whole image.</summary>
    private static Layer DeclareAttention(ParameterScope scope, Config config, ModelOptions options, long width, Window window, bool grid, double dropPath) =>
        DeclareTransformer(scope, config, options, width, dropPath, () => Partitioned(DeclareHeads(scope["attn"], config, width, width, window), window.Side, grid));

    /// <summary>A transformer block over (N, H, W, C) whose attention sees a window of neighbours with half its channels, a grid with the others.</summary>
    private static Layer DeclareAbreast(ParameterScope scope, Config config, ModelOptions options, long width, Window window, double dropPath) =>
        DeclareTransformer(scope, config, options, width, dropPath, () =>
        {
            var within = Partitioned(DeclareHeads(scope["attn_block"], config, width, width / 2, window), window.Side, grid: false);
            var across = Partitioned(DeclareHeads(scope["attn_grid"], config, width, width / 2, window), window.Side, grid: true);
            return (pass, x) => TorchSharp.torch.cat([within(pass, x), across(pass, x)], -1);
        });

    private static Layer DeclareTransformer(ParameterScope scope, Config config, ModelOptions options, long width, double dropPath, Func<Layer> declareAttention)
    {
        var epsilon = TransformerEpsilon(config);
        var norm1 = Nn.LayerNorm(scope["norm1"], width, epsilon);
        var attention = declareAttention();
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"]));
        var norm2 = Nn.LayerNorm(scope["norm2"], width, epsilon);
        var mlp = Nn.Sequence(
            Nn.Linear(scope["mlp"]["fc1"], width, 4 * width, Matrix(config, width, 4 * width, inMlp: true)),
            config.TensorFlow ? Nn.GeluTanh : Nn.Gelu,
            Nn.Linear(scope["mlp"]["fc2"], 4 * width, width, Matrix(config, 4 * width, width, inMlp: true)));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"]));
        return Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, attention(pass, norm1(pass, x)));
            return add2(pass, attended, mlp(pass, norm2(pass, attended)));
        });

        TensorSlot? Scale(ParameterScope part) => config.LayerScale is { } start ? part.Parameter("gamma", [width], new Initializer.Constant(options.LayerScale ?? start)) : null;
    }

    /// <summary>Attention over (windows, tokens, C) brought to (N, H, W, C).</summary>
    private static Layer Partitioned(Layer attention, int window, bool grid) => (pass, x) => grid
        ? Nn.FromGrid(attention(pass, Nn.ToGrid(x, window)), window, x.shape[1])
        : Nn.FromWindows(attention(pass, Nn.ToWindows(x, window)), window, x.shape[1]);

    /// <summary>Multi-head self-attention over (windows, tokens, C) with a bias for each relative place.</summary>
    private static Layer DeclareHeads(ParameterScope scope, Config config, long width, long outWidth, Window window)
    {
        var heads = (int)(width / HeadWidth);
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width, Matrix(config, width, 3 * width));
        var places = new RelativeBiasOptions { From = config.Places, Network = (from, to) => Matrix(config, from, to, inMlp: true) };
        var bias = Nn.RelativeBias(scope["rel_pos"], heads, window.Side, window.Spread, places);
        var projection = Nn.Linear(scope["proj"], width, outWidth, Matrix(config, width, outWidth));
        return Nn.Tidy((pass, x) =>
        {
            var all = qkv(pass, x);

            // timm's own have a head's query, key and value side by side; the paper's all queries, all keys, all values.
            var parts = config.TensorFlow ? Nn.SplitHeads(all, heads) : Nn.SplitHeadByHead(all, heads);
            var mixed = Nn.Attend(pass, scope.Path, parts[0], parts[1], parts[2], bias(pass));
            return projection(pass, mixed.transpose(1, 2).reshape(x.shape));
        });
    }

    private static LinearOptions Matrix(Config config, long from, long to, bool inMlp = false) => Nn.TransformerMatrix(from, to, config.SmallStart, inMlp);
}
