using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// RegNetX and RegNetY (Radosavovic et al. 2020), RegNetZ (Dollár et al. 2021), and RegNetV, timm's RegNetY with pre-activation. Follows
/// timm's <c>regnet.py</c>.
/// </summary>
public static class RegNet
{
    /// <summary>Shortcut of a block that changes the image's size or channels.</summary>
    public enum Shortcut
    {
        /// <summary>A 1 × 1 convolution with the block's stride.</summary>
        Convolution,

        /// <summary>2 × 2 average pooling and a 1 × 1 convolution.</summary>
        AveragePool,

        /// <summary>No shortcut.</summary>
        None,
    }

    /// <summary>Configuration of a RegNet: widths that grow linearly over the blocks, quantised into stages.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks.</summary>
        public required int Depth { get; init; }

        /// <summary>Width of the first block.</summary>
        public required int Initial { get; init; }

        /// <summary>Growth of the width per block.</summary>
        public required float Slope { get; init; }

        /// <summary>Ratio of the widths of consecutive stages.</summary>
        public required float Multiplier { get; init; }

        /// <summary>Number of channels per group of the 3 × 3 convolutions.</summary>
        public required int GroupWidth { get; init; }

        /// <summary>Whether blocks have squeeze and excitation, reduced to a quarter of the block's input (RegNetY).</summary>
        public bool SqueezeExcite { get; init; }

        /// <summary>Ratio of the channels of a block's 3 × 3 convolution to its output channels.</summary>
        public int BottleneckRatio { get; init; } = 1;

        /// <summary>Kind of normalisation.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Activation after the normalisations, which may work in place.</summary>
        public Layer Activation { get; init; } = Nn.ReluInPlace;

        /// <summary>Whether normalisation and activation come before each convolution instead of after it (RegNetV).</summary>
        public bool NormFirst { get; init; }

        /// <summary>Shortcut of blocks that change the size or the channels.</summary>
        public Shortcut Shortcut { get; init; }

        /// <summary>Whether blocks end without activation and their last normalisation starts at one (RegNetZ).</summary>
        public bool LinearOutput { get; init; }

        /// <summary>Number of channels of a final 1 × 1 convolution before pooling; 0 has none.</summary>
        public int FinalChannels { get; init; }

        /// <summary>Whether widths are rounded like torchvision's (timm's <c>_tv</c>).</summary>
        public bool TorchvisionWidths { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    /// <summary>A stage: consecutive blocks of equal width.</summary>
    internal readonly record struct Stage(long Width, int Depth, int GroupWidth);

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("RegNet",
    [
        ("regnetx_002", X(13, 24, 36.44f, 2.49f, 8)),
        ("regnetx_004", X(22, 24, 24.48f, 2.54f, 16)),
        ("regnetx_004_tv", X(22, 24, 24.48f, 2.54f, 16, 0.965) with { TorchvisionWidths = true }),
        ("regnetx_006", X(16, 48, 36.97f, 2.24f, 24)),
        ("regnetx_008", X(16, 56, 35.73f, 2.28f, 16, 0.965)),
        ("regnetx_016", X(18, 80, 34.01f, 2.25f, 24, 0.965)),
        ("regnetx_032", X(25, 88, 26.31f, 2.25f, 48, 0.965)),
        ("regnetx_040", X(23, 96, 38.65f, 2.43f, 40)),
        ("regnetx_064", X(17, 184, 60.83f, 2.07f, 56)),
        ("regnetx_080", X(23, 80, 49.56f, 2.88f, 120, 0.965)),
        ("regnetx_120", X(19, 168, 73.36f, 2.37f, 112)),
        ("regnetx_160", X(22, 216, 55.59f, 2.1f, 128, 0.965)),
        ("regnetx_320", X(23, 320, 69.86f, 2.0f, 168, 0.965)),
        ("regnety_002", Y(13, 24, 36.44f, 2.49f, 8)),
        ("regnety_004", Y(16, 48, 27.89f, 2.09f, 8, 0.965)),
        ("regnety_006", Y(15, 48, 32.54f, 2.32f, 16)),
        ("regnety_008", Y(14, 56, 38.84f, 2.4f, 16)),
        ("regnety_008_tv", Y(14, 56, 38.84f, 2.4f, 16, 0.965) with { TorchvisionWidths = true }),
        ("regnety_016", Y(27, 48, 20.71f, 2.65f, 24, 0.965)),
        ("regnety_032", Y(21, 80, 42.63f, 2.66f, 24, 0.95)),
        ("regnety_040", Y(22, 96, 31.41f, 2.24f, 64, 0.95)),
        ("regnety_064", Y(25, 112, 33.22f, 2.27f, 72, 0.95)),
        ("regnety_080", Y(17, 192, 76.82f, 2.19f, 56, 0.95)),
        ("regnety_080_tv", Y(17, 192, 76.82f, 2.19f, 56, 0.965) with { TorchvisionWidths = true }),
        ("regnety_120", Y(19, 168, 73.36f, 2.37f, 112, 0.95)),
        ("regnety_160", Y(18, 200, 106.23f, 2.48f, 112, 0.95)),
        ("regnety_320", Y(20, 232, 115.89f, 2.53f, 232, 0.965)),
        ("regnety_640", Y(20, 352, 147.48f, 2.4f, 328, 1) with { InputSize = 384 }),
        ("regnety_1280", Y(27, 456, 160.83f, 2.52f, 264, 1) with { InputSize = 384 }),
        ("regnety_2560", Y(27, 640, 230.83f, 2.53f, 373, 1) with { InputSize = 384 }),
        ("regnety_040_sgn", Y(22, 96, 31.41f, 2.24f, 64, 0.95) with
        {
            Activation = Nn.Silu,
            Norm = new() { Kind = NormKind.Group, GroupWidth = 16 },
        }),
        ("regnetv_040", V(22, 96, 31.41f, 2.24f, 64)),
        ("regnetv_064", V(25, 112, 33.22f, 2.27f, 72) with { Shortcut = Shortcut.AveragePool }),
        ("regnetz_005", Z(21, 16, 10.7f, 2.51f, 4, 0.95) with { FinalChannels = 1024 }),
        ("regnetz_040", Z(28, 48, 14.5f, 2.226f, 8, 1) with { InputSize = 256 }),
        ("regnetz_040_h", Z(28, 48, 14.5f, 2.226f, 8, 1) with { InputSize = 256, FinalChannels = 1536 }),
    ], Declare) with
    {
        Order = 4,
        ShortNames = [("regnety", new("regnety_002", "regnety_card"))],
    };

    private static Config X(int depth, int initial, float slope, float multiplier, int groupWidth, double crop = 0.875) => new()
    {
        Depth = depth,
        Initial = initial,
        Slope = slope,
        Multiplier = multiplier,
        GroupWidth = groupWidth,
        Preprocessing = Preprocessing.ImageNet with { CropPct = crop },
    };

    private static Config Y(int depth, int initial, float slope, float multiplier, int groupWidth, double crop = 0.875) =>
        X(depth, initial, slope, multiplier, groupWidth, crop) with { SqueezeExcite = true };

    private static Config V(int depth, int initial, float slope, float multiplier, int groupWidth) =>
        Y(depth, initial, slope, multiplier, groupWidth, 0.95) with { NormFirst = true, Activation = Nn.Silu };

    private static Config Z(int depth, int initial, float slope, float multiplier, int groupWidth, double crop) =>
        Y(depth, initial, slope, multiplier, groupWidth, crop) with
        {
            BottleneckRatio = 4,
            Activation = Nn.Silu,
            Shortcut = Shortcut.None,
            LinearOutput = true,
        };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"s(\d+)\.b(\d+)", null));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var parts = new List<Layer?>
        {
            config.NormFirst ? Conv(root["stem"], 3, 32, 3, 2) : Nn.ConvNorm(root["stem"], 3, 32, Options(config, 3, 2)),
        };
        var (channels, index) = (32L, 0);
        foreach (var (number, stage) in Stages(config).Index())
        {
            for (var block = 0; block < stage.Depth; block++, index++)
            {
                var scope = root[$"s{number + 1}"][$"b{block + 1}"];
                var dropPath = Nn.DropPathAt(index, config.Depth, options.DropPath);
                parts.Add(DeclareBlock(scope, config, channels, stage, block == 0 ? 2 : 1, dropPath));
                channels = stage.Width;
            }
        }

        if (config.FinalChannels > 0)
        {
            parts.Add(Nn.ConvNorm(root["final_conv"], channels, config.FinalChannels, Options(config, 1)));
            channels = config.FinalChannels;
        }
        else
        {
            parts.Add(config.LinearOutput || config.NormFirst ? config.Activation : null);
        }

        var head = Nn.PooledHead(
            root["head"], channels, options, new() { WeightInitializer = new Initializer.Normal(0.01), BiasInitializer = Initializer.Zeros });
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
            FirstConvolution = config.NormFirst ? "stem" : "stem.conv",
        };
    }

    /// <summary>Quantises the linear widths into stages. Like timm it computes in float32, because the rounding decides the result.</summary>
    internal static IReadOnlyList<Stage> Stages(Config config)
    {
        var widths = Enumerable.Range(0, config.Depth).Select(block =>
        {
            var linear = (block * config.Slope) + config.Initial;
            var power = MathF.Round(MathF.Log(linear / config.Initial) / MathF.Log(config.Multiplier));
            return (long)(MathF.Round(config.Initial * MathF.Pow(config.Multiplier, power) / 8) * 8);
        });
        return [.. widths.CountBy(w => w).OrderBy(w => w.Key).Select(w =>
        {
            // The groups are those of the 3 x 3 convolution, which has BottleneckRatio times the channels.
            var middle = w.Key * config.BottleneckRatio;
            var group = (int)Math.Min(config.GroupWidth, middle);
            var fitted = config.TorchvisionWidths ? Nn.MakeDivisible(middle, group) : (long)Math.Round((double)middle / group) * group;
            var width = fitted / config.BottleneckRatio;
            return new Stage(width, w.Value, group);
        })];
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, Stage stage, int stride, double dropPath)
    {
        var (width, middle) = (stage.Width, stage.Width * config.BottleneckRatio);
        var groups = (int)(middle / stage.GroupWidth);
        var changes = inChannels != width || stride != 1;
        if (config.NormFirst)
        {
            return DeclareNormFirst(scope, config, inChannels, stage, stride, dropPath);
        }

        var first = Nn.Sequential(
            Nn.ConvNorm(scope["conv1"], inChannels, middle, Options(config, 1)),
            Nn.ConvNorm(scope["conv2"], middle, middle, Options(config, 3, stride, groups)));
        var excite = DeclareSqueezeExcite(scope["se"], config, inChannels, middle);
        var last = Nn.ConvNorm(
            scope["conv3"], middle, width, new() { Norm = config.Norm, Gamma = config.LinearOutput ? null : Initializer.Zeros });
        var lastActivation = config.LinearOutput ? null : config.Activation;
        if (changes && config.Shortcut == Shortcut.None)
        {
            return Nn.Block(scope, Nn.Tidy(Nn.Sequential(first, excite, last, lastActivation)));
        }

        var shortcut = changes ? DeclareShortcut(scope["downsample"], config, inChannels, width, stride) : null;
        var branch = Nn.Sequential(first, excite, last, Nn.DropPath(scope.Path, dropPath));
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var sum = branch(pass, x).AddInPlace(shortcut is null ? x : shortcut(pass, x));
            return lastActivation is null ? sum : lastActivation(pass, sum);
        }));
    }

    /// <summary>Declares a pre-activation block: normalisation and activation before each convolution, with the shortcut after the first activation.</summary>
    private static Layer DeclareNormFirst(ParameterScope scope, Config config, long inChannels, Stage stage, int stride, double dropPath)
    {
        var (width, middle) = (stage.Width, stage.Width * config.BottleneckRatio);
        var norm = Nn.Norm(scope["norm1"], inChannels, config.Norm, config.Activation);
        var branch = Nn.Sequential(
            Conv(scope["conv1"], inChannels, middle, 1, 1),
            Nn.Norm(scope["norm2"], middle, config.Norm, config.Activation),
            Conv(scope["conv2"], middle, middle, 3, stride, (int)(middle / stage.GroupWidth)),
            DeclareSqueezeExcite(scope["se"], config, inChannels, middle),
            Nn.Norm(scope["norm3"], middle, config.Norm, config.Activation),
            Conv(scope["conv3"], middle, width, 1, 1),
            Nn.DropPath(scope.Path, dropPath));
        var shortcut = inChannels == width && stride == 1 || config.Shortcut == Shortcut.None
            ? null
            : DeclareShortcut(scope["downsample"], config, inChannels, width, stride);
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var before = norm(pass, x);
            return branch(pass, before).AddInPlace(shortcut is null ? before : shortcut(pass, before));
        }));
    }

    /// <summary>
    /// Declares the shortcut of a block that changes the size or the channels: a convolution, followed by a normalisation except in
    /// pre-activation blocks.
    /// </summary>
    private static Layer DeclareShortcut(ParameterScope scope, Config config, long inChannels, long outChannels, int stride)
    {
        if (config.Shortcut == Shortcut.AveragePool)
        {
            return Nn.Sequential(stride == 1 ? null : Nn.HalvingAveragePool, Convolution(scope[1], 1));
        }

        return Convolution(scope, stride);

        Layer Convolution(ParameterScope inner, int step) => config.NormFirst
            ? Conv(inner, inChannels, outChannels, 1, step)
            : Nn.ConvNorm(inner, inChannels, outChannels, Options(config, 1, step) with { Activation = null });
    }

    private static Layer? DeclareSqueezeExcite(ParameterScope scope, Config config, long inChannels, long channels)
    {
        var reduced = (long)Math.Round(inChannels * 0.25);
        return !config.SqueezeExcite ? null : Nn.SqueezeExcite(scope, channels, new()
        {
            ReducedChannels = reduced,
            Activation = config.Activation,
            BiasInitializer = Initializer.Zeros,
        });
    }

    private static ConvNormOptions Options(Config config, int kernel, int stride = 1, long groups = 1) => new()
    {
        Convolution = new() { Kernel = kernel, Stride = stride, Groups = groups },
        Norm = config.Norm,
        Activation = config.Activation,
    };

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride, int groups = 1) =>
        Nn.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Groups = groups,
            WeightInitializer = Initializer.HeFanOut(outChannels, kernel * kernel, groups),
        });
}
