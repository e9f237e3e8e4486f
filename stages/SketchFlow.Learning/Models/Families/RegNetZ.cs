using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// timm's own variants of RegNetZ (Dollár et al. 2021): EfficientNets with grouped instead of depthwise convolutions. Follows timm's
/// <c>byobnet.py</c>; the paper's own networks are in <see cref="RegNet"/>.
/// </summary>
public static class RegNetZ
{
    /// <summary>Configuration of one architecture.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels per stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Number of channels per group of the 3 × 3 convolutions.</summary>
        public required int GroupWidth { get; init; }

        /// <summary>Ratio of the channels of a block's 3 × 3 convolution to its input channels.</summary>
        public int Expansion { get; init; } = 4;

        /// <summary>
        /// Number of channels of the stem's convolutions. A stem of one halves the side, and the first stage halves it again; a stem of three
        /// reduces the side to a quarter.
        /// </summary>
        public ImmutableArray<int> Stem { get; init; } = [32];

        /// <summary>Number of channels before the classifier.</summary>
        public int FinalChannels { get; init; } = 1536;

        /// <summary>Kind of normalisation.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 256;

        /// <summary>Side of the centre crop divided by the side after resizing.</summary>
        public double CropPct { get; init; } = 0.94;
    }

    private static readonly Config C16 = new() { Depths = [2, 6, 12, 2], Widths = [48, 96, 192, 288], GroupWidth = 16 };
    private static readonly Config B16 = C16 with { Expansion = 3, InputSize = 224 };
    private static readonly Config D8 =
        new() { Depths = [3, 6, 12, 3], Widths = [64, 128, 256, 384], GroupWidth = 8, Stem = [24, 32, 64], FinalChannels = 1792 };


    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("RegNetZ",
    [
        ("regnetz_b16", B16),
        ("regnetz_c16", C16),
        ("regnetz_d32", D8 with { GroupWidth = 32, CropPct = 0.95 }),
        ("regnetz_d8", D8),
        ("regnetz_e8", D8 with { Depths = [3, 8, 16, 3], Widths = [96, 192, 384, 512], FinalChannels = 2048 }),
        ("regnetz_b16_evos", Evo(B16)),
        ("regnetz_c16_evos", Evo(C16)),
        ("regnetz_d8_evos", Evo(D8) with { Stem = [64, 64, 64] }),
    ], Declare) with
    { Order = 5 };

    private static Config Evo(Config config) => config with
    {
        Norm = new() { Kind = NormKind.EvoNormAlways, GroupWidth = 16, Epsilon = 1e-3 },
        CropPct = 0.95,
    };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)\.(\d+)", null), ("final_conv", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var parts = new List<Layer> { DeclareStem(root["stem"], config) };
        var (channels, index, blocks) = ((long)config.Stem[^1], 0, config.Depths.Sum());
        foreach (var (stage, width) in config.Widths.Index())
        {
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var stride = block == 0 && (stage > 0 || config.Stem.Length == 1) ? 2 : 1;
                var scope = root["stages"][stage][block];
                parts.Add(DeclareBlock(scope, config, channels, width, stride, Nn.DropPathAt(index, blocks, options.DropPath)));
                channels = width;
            }
        }

        parts.Add(Nn.ConvNorm(root["final_conv"], channels, config.FinalChannels, Options(config, 1)));
        var head = Nn.PooledHead(
            root["head"], config.FinalChannels, options, new() { WeightInitializer = new Initializer.Normal(0.01), BiasInitializer = Initializer.Zeros });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = Preprocessing.Inception with { CropPct = config.CropPct },
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = config.Stem.Length == 1 ? "stem.conv" : "stem.conv1.conv",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config)
    {
        var widths = config.Stem;
        return widths.Length == 1
            ? Nn.ConvNorm(scope, 3, widths[0], Options(config, 3, 2))
            : Nn.Sequential(widths.Select((width, i) => Nn.ConvNorm(
                scope[$"conv{i + 1}"], i == 0 ? 3 : widths[i - 1], width, Options(config, 3, i == 0 || i == widths.Length - 1 ? 2 : 1))));
    }

    /// <summary>Declares an inverted bottleneck with a grouped 3 × 3 convolution and a gate; it has a shortcut only if size and channels stay equal.</summary>
    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, long outChannels, int stride, double dropPath)
    {
        var middle = Nn.MakeDivisible(inChannels * config.Expansion);
        var reduced = Nn.MakeDivisible(middle * 0.25, limit: 0);
        var hasShortcut = stride == 1 && inChannels == outChannels;
        var branch = Nn.Sequential(
            Nn.ConvNorm(scope["conv1_1x1"], inChannels, middle, Options(config, 1)),
            Nn.ConvNorm(scope["conv2_kxk"], middle, middle, Options(config, 3, stride, middle / config.GroupWidth)),
            Nn.SqueezeExcite(scope["attn"], middle, new()
            {
                ReducedChannels = reduced,
                BiasInitializer = Initializer.Zeros,
            }),
            Nn.ConvNorm(scope["conv3_1x1"], middle, outChannels, new() { Norm = config.Norm, Gamma = hasShortcut ? Initializer.Zeros : null }),
            Nn.DropPath(scope.Path, dropPath));
        return Nn.Block(scope, Nn.Tidy(hasShortcut ? (pass, x) => branch(pass, x).AddInPlace(x) : branch));
    }

    private static ConvNormOptions Options(Config config, int kernel, int stride = 1, long groups = 1) =>
        new() { Convolution = new() { Kernel = kernel, Stride = stride, Groups = groups }, Norm = config.Norm, Activation = Nn.Silu };
}
