using System.Collections.Immutable;
using SketchFlow.Samples;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models;

/// <summary>
/// MaxViT, convolution, attention within windows and attention over a grid, block by block (Tu et al. 2022), as timm's
/// <c>maxxvit.py</c> has it; <c>_tf</c> names are the paper's, with TensorFlow's padding and epsilons, <c>_rw</c> names timm's own.
/// </summary>
public static class MaxVit
{
    /// <summary>Where attention's biases for relative places come from.</summary>
    public enum Places
    {
        /// <summary>A table (heads, rows, columns): TensorFlow's form.</summary>
        TensorFlowTable,

        /// <summary>A table (places, heads): Swin's form.</summary>
        Table,

        /// <summary>A network over the logarithm of the place (timm's <c>rmlp</c>).</summary>
        Network,
    }

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

        /// <summary>Where attention's biases come from.</summary>
        public Places Places { get; init; } = Places.Table;

        /// <summary>Width of a hidden layer in the head, as wide as the last stage; without it the head is the classifier alone.</summary>
        public bool HiddenHead { get; init; }

        /// <summary>Start of layer scale in the transformer parts; null goes without it.</summary>
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

    // Of the network over relative places, and its dropout.
    private const long PlaceFeatures = 512;
    private const double PlaceDropout = 0.125;

    private static readonly Config TinyTf = new() { Depths = [2, 2, 5, 2], Widths = [64, 128, 256, 512], Stem = (64, 64), TensorFlow = true, Places = Places.TensorFlowTable, HiddenHead = true };
    private static readonly Config SmallTf = TinyTf with { Widths = [96, 192, 384, 768] };
    private static readonly Config BaseTf = SmallTf with { Depths = [2, 6, 14, 2] };
    private static readonly Config LargeTf = BaseTf with { Widths = [128, 256, 512, 1024], Stem = (128, 128) };
    private static readonly Config XLargeTf = BaseTf with { Widths = [192, 384, 768, 1536], Stem = (192, 192) };
    private static readonly Config Pico = new() { Depths = [2, 2, 5, 2], Widths = [32, 64, 128, 256], Stem = (24, 32) };
    private static readonly Config Nano = new() { Depths = [1, 2, 3, 1], Widths = [64, 128, 256, 512], Stem = (32, 64) };
    private static readonly Config Tiny = Nano with { Depths = [2, 2, 5, 2] };
    private static readonly Config Small = Tiny with { Widths = [96, 192, 384, 768], LayerScale = 1e-6 };
    private static readonly Config Base = new() { Depths = [2, 6, 14, 2], Widths = [96, 192, 384, 768], Stem = (32, 64), HiddenHead = true };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Of<Config>("MaxVit",
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
    ], Declare);

    private static Config ImageNet(Config config) => config with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 } };

    private static Config Squash(Config config, int size) =>
        config with { InputSize = size, Preprocessing = Preprocessing.Inception with { CropPct = 1, CropMode = "squash" } };

    private static Config Network(Config config) => config with { Places = Places.Network };

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of 32: windows would not fill it.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, Partition);
        var root = Scope.Root();
        var parts = new List<Layer> { DeclareStem(root["stem"], config) };
        var window = new Window(size / Partition, Layers.SpreadBias(size / Partition, fromQuery: config.Places == Places.TensorFlowTable));
        long channels = config.Stem.Second;
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            // timm's layer groups here are the stages.
            var scope = root["stages"][stage].InGroup(stage + 1);
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Layers.DropPathAt(index, blocks, options.DropPath);
                parts.Add(DeclareBlock(scope["blocks"][block], config, options, channels, config.Widths[stage], window, block == 0 ? 2 : 1, dropPath));
                channels = config.Widths[stage];
            }
        }

        var last = root.InGroup(config.Depths.Length + 1);
        var epsilon = TransformerEpsilon(config);
        if (!config.HiddenHead)
        {
            parts.Add(Layers.LayerNorm2d(last["norm"], channels, epsilon));
        }

        var head = last["head"];
        var norm = config.HiddenHead ? Layers.LayerNorm(head["norm"], channels, epsilon) : null;
        var hidden = config.HiddenHead ? Layers.Linear(head["pre_logits"]["fc"], channels, channels) : null;
        var classifier = Layers.Classifier(head["fc"], channels, options.Classes);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(),
            Features = Layers.Sequence(parts),
            Head = Layers.Sequence(
                Layers.GlobalAveragePool,
                norm,
                hidden,
                hidden is null ? null : (_, x) => x.tanh(),
                Layers.Dropout("head", options.Dropout),
                classifier),
            Classifier = "head.fc",
            FirstConvolution = "stem.conv1",
        };
    }

    private static double TransformerEpsilon(Config config) => config.TensorFlow ? 1e-5 : 1e-6;

    private static Layer DeclareStem(Scope scope, Config config) => Layers.Sequence(
        Conv(scope["conv1"], config, 3, config.Stem.First, 3, 2, bias: config.TensorFlow),
        NormAct(scope["norm1"], config, config.Stem.First),
        Conv(scope["conv2"], config, config.Stem.First, config.Stem.Second, 3, 1, bias: config.TensorFlow));

    /// <summary>A convolution, then attention within windows, then attention over the grid.</summary>
    private static Layer DeclareBlock(Scope scope, Config config, ModelOptions options, long inChannels, long outChannels, Window window, int stride, double dropPath)
    {
        var convolution = DeclareConvolution(scope["conv"], config, inChannels, outChannels, stride, dropPath);
        var within = DeclareAttention(scope["attn_block"], config, options, outChannels, window, grid: false, dropPath);
        var across = DeclareAttention(scope["attn_grid"], config, options, outChannels, window, grid: true, dropPath);
        return Layers.Recomputed(Layers.Tidy((pass, x) =>
            Layers.ChannelsToFront(across(pass, within(pass, Layers.ChannelsToEnd(convolution(pass, x)))))));
    }

    /// <summary>Normalisation, then an inverted bottleneck with a channel gate (Sandler et al. 2018; MaxViT's form).</summary>
    private static Layer DeclareConvolution(Scope scope, Config config, long inChannels, long outChannels, int stride, double dropPath)
    {
        var middle = Layers.Divisible((config.TensorFlow ? outChannels : inChannels) * 4.0);
        var shortcut = stride == 1 ? null : Layers.Sequence(
            (_, x) => F.avg_pool2d(x, [2, 2], [2, 2]),
            inChannels == outChannels ? null : Conv(scope["shortcut"]["expand"], config, inChannels, outChannels, 1, 1, bias: config.TensorFlow));
        var epsilon = ConvolutionEpsilon(config);
        var before = Layers.BatchNorm2d(scope["pre_norm"], inChannels, epsilon);
        var expand = Conv(scope["conv1_1x1"], config, inChannels, middle, 1, 1);
        var norm1 = NormAct(scope["norm1"], config, middle);
        var depthwise = Conv(scope["conv2_kxk"], config, middle, middle, 3, stride, groups: middle);
        var norm2 = NormAct(scope["norm2"], config, middle);
        var reduced = config.TensorFlow ? outChannels / 4 : middle / 16;
        var gate = Layers.SqueezeExcite(scope["se"], middle, new()
        {
            Reduced = reduced,
            Activation = Layers.Silu,
            ReduceStart = Start.HeFanOut(reduced, 1),
            ExpandStart = Start.HeFanOut(middle, 1),
            BiasStart = Start.Zeros,
        });
        var shrink = Conv(scope["conv3_1x1"], config, middle, outChannels, 1, 1, bias: config.TensorFlow);
        var drop = Layers.DropPath(scope.Path, dropPath);
        var branch = Layers.Sequence(before, expand, norm1, depthwise, norm2, gate, shrink, drop);
        return Layers.Tidy((pass, x) => branch(pass, x).add_(shortcut is null ? x : shortcut(pass, x)));
    }

    private static double ConvolutionEpsilon(Config config) => config.TensorFlow ? 1e-3 : 1e-5;

    private static Layer NormAct(Scope scope, Config config, long channels) =>
        Layers.Sequence(Layers.BatchNorm2d(scope, channels, ConvolutionEpsilon(config)), config.TensorFlow ? Layers.GeluTanh : Layers.Silu);

    /// <summary>A transformer block over (N, H, W, C) whose attention sees a window of neighbours, or a grid over the whole image.</summary>
    private static Layer DeclareAttention(Scope scope, Config config, ModelOptions options, long width, Window window, bool grid, double dropPath)
    {
        var epsilon = TransformerEpsilon(config);
        var norm1 = Layers.LayerNorm(scope["norm1"], width, epsilon);
        var attention = DeclareHeads(scope["attn"], config, width, window);
        var add1 = Layers.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"]));
        var norm2 = Layers.LayerNorm(scope["norm2"], width, epsilon);
        var mlp = Layers.Sequence(
            Layers.Linear(scope["mlp"]["fc1"], width, 4 * width, Glorot(width, 4 * width) with { BiasStart = new Start.Normal(1e-6) }),
            config.TensorFlow ? Layers.GeluTanh : Layers.Gelu,
            Layers.Linear(scope["mlp"]["fc2"], 4 * width, width, Glorot(4 * width, width) with { BiasStart = new Start.Normal(1e-6) }));
        var add2 = Layers.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"]));
        return Layers.Tidy((pass, x) =>
        {
            var (normed, side) = (norm1(pass, x), x.shape[1]);
            var mixed = grid
                ? Layers.FromGrid(attention(pass, Layers.ToGrid(normed, window.Side)), window.Side, side)
                : Layers.FromWindows(attention(pass, Layers.ToWindows(normed, window.Side)), window.Side, side);
            var attended = add1(pass, x, mixed);
            return add2(pass, attended, mlp(pass, norm2(pass, attended)));
        });

        Slot? Scale(Scope part) => config.LayerScale is { } start ? part.Parameter("gamma", [width], new Start.Constant(options.LayerScale ?? start)) : null;
    }

    /// <summary>Multi-head self-attention over (windows, tokens, C) with a bias for each relative place.</summary>
    private static Layer DeclareHeads(Scope scope, Config config, long width, Window window)
    {
        var heads = (int)(width / HeadWidth);
        var qkv = Layers.Linear(scope["qkv"], width, 3 * width, Glorot(width, 3 * width));
        var bias = DeclarePlaces(scope["rel_pos"], config, heads, window);
        var projection = Layers.Linear(scope["proj"], width, width, Glorot(width, width));
        return Layers.Tidy((pass, x) =>
        {
            var all = qkv(pass, x);

            // timm's own have a head's query, key and value side by side; the paper's all queries, all keys, all values.
            var parts = config.TensorFlow
                ? Layers.SplitHeads(all, heads)
                : all.reshape(x.shape[0], x.shape[1], heads, 3 * HeadWidth).transpose(1, 2).chunk(3, 3);
            var mixed = Layers.Attend(pass, scope.Path, parts[0], parts[1], parts[2], bias(pass));
            return projection(pass, mixed.transpose(1, 2).reshape(x.shape));
        });
    }

    /// <summary>Biases (1, heads, tokens, tokens).</summary>
    private static Func<Pass, torch.Tensor> DeclarePlaces(Scope scope, Config config, int heads, Window window)
    {
        long across = (2 * window.Side) - 1;
        if (config.Places == Places.Network)
        {
            var network = Layers.Sequence(
                Layers.Linear(scope["mlp"]["fc1"], 2, PlaceFeatures, Options(2, PlaceFeatures)),
                Layers.ReluInPlace,
                Layers.Dropout($"{scope.Path}.mlp", PlaceDropout),
                Layers.Linear(scope["mlp"]["fc2"], PlaceFeatures, heads, Options(PlaceFeatures, heads)));
            var places = LogPlaces(window.Side);
            return pass => window.Spread(pass, network(pass, places(pass)));
        }

        var transposed = config.Places == Places.TensorFlowTable;
        var table = transposed
            ? scope.Parameter("relative_position_bias_table", [heads, across, across], new Start.Normal(0.02), decays: false, relativePlaces: true)
            : scope.Parameter("relative_position_bias_table", [across * across, heads], new Start.TruncatedNormal(0.02), decays: false, relativePlaces: true);
        return pass => window.Spread(pass, transposed ? pass[table].flatten(1).t() : pass[table]);

        static LinearOptions Options(long from, long to) => Glorot(from, to) with { BiasStart = new Start.Normal(1e-6), Decays = false };
    }

    /// <summary>(places, 2): row and column of each relative place, as sign × log(1 + |·|) (timm's <c>gen_relative_log_coords</c>, <c>cr</c>).</summary>
    private static Func<Pass, torch.Tensor> LogPlaces(int window)
    {
        var across = (2 * window) - 1;
        var values = new float[across * across * 2];
        for (var i = 0; i < values.Length; i++)
        {
            float offset = (i % 2 == 0 ? i / 2 / across : i / 2 % across) - (window - 1);
            values[i] = MathF.Sign(offset) * MathF.Log(1 + MathF.Abs(offset));
        }

        var constant = Layers.Constant(values, [across * across, 2]);
        return pass => constant(pass.Any);
    }

    /// <summary>Uniform in ± sqrt(6 / (in + out)) (Glorot and Bengio 2010), biases zero.</summary>
    private static LinearOptions Glorot(long from, long to) => new() { Start = new Start.Uniform(Math.Sqrt(6.0 / (from + to))), BiasStart = Start.Zeros };

    private static Layer Conv(Scope scope, Config config, long inChannels, long outChannels, int kernel, int stride, bool bias = false, long groups = 1) =>
        Layers.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Groups = groups,
            Bias = bias,
            Same = config.TensorFlow,
            Start = Start.HeFanOut(outChannels, kernel * kernel, groups),
            BiasStart = Start.Zeros,
        });
}
