using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// timm's own networks after RegNetZ (Dollár et al. 2021), EfficientNets with groups in the place of depthwise convolutions, as timm's
/// <c>byobnet.py</c> has them; the paper's own are <see cref="RegNet"/>'s.
/// </summary>
public static class RegNetZ
{
    /// <summary>What makes one.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels a stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Channels of a group of the 3 × 3 convolutions.</summary>
        public required int GroupWidth { get; init; }

        /// <summary>Channels of a block's 3 × 3 convolution over those that come in.</summary>
        public int Expansion { get; init; } = 4;

        /// <summary>
        /// Channels of the stem's convolutions. One halves the image and so does the first stage; three quarter it between them.
        /// </summary>
        public ImmutableArray<int> Stem { get; init; } = [32];

        /// <summary>Channels before the classifier.</summary>
        public int Last { get; init; } = 1536;

        /// <summary>The normalisations.</summary>
        public NormOptions Norm { get; init; } = new();

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 256;

        /// <summary>Side of the centre crop over the side after resizing.</summary>
        public double CropPct { get; init; } = 0.94;
    }

    private static readonly Config C16 = new() { Depths = [2, 6, 12, 2], Widths = [48, 96, 192, 288], GroupWidth = 16 };
    private static readonly Config B16 = C16 with { Expansion = 3, InputSize = 224 };
    private static readonly Config D8 = new() { Depths = [3, 6, 12, 3], Widths = [64, 128, 256, 384], GroupWidth = 8, Stem = [24, 32, 64], Last = 1792 };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("RegNetZ",
    [
        ("regnetz_b16", B16),
        ("regnetz_c16", C16),
        ("regnetz_d32", D8 with { GroupWidth = 32, CropPct = 0.95 }),
        ("regnetz_d8", D8),
        ("regnetz_e8", D8 with { Depths = [3, 8, 16, 3], Widths = [96, 192, 384, 512], Last = 2048 }),
        ("regnetz_b16_evos", Evo(B16)),
        ("regnetz_c16_evos", Evo(C16)),
        ("regnetz_d8_evos", Evo(D8) with { Stem = [64, 64, 64] }),
    ], Declare);

    private static Config Evo(Config config) => config with
    {
        Norm = new() { Kind = NormKind.EvoNormAlways, GroupWidth = 16, Epsilon = 1e-3 },
        CropPct = 0.95,
    };

    // timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"stages\.(\d+)\.(\d+)", null), ("final_conv", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
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

        parts.Add(ConvNorm(root["final_conv"], config, channels, config.Last, 1, 1, Nn.Silu));
        var head = Nn.PooledHead(root["head"], config.Last, options, new() { Start = new Initializer.Normal(0.01), BiasStart = Initializer.Zeros });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = Preprocessing.Inception with { CropPct = config.CropPct },
            Tensors = root.Declared(GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = config.Stem.Length == 1 ? "stem.conv" : "stem.conv1.conv",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config)
    {
        var widths = config.Stem;
        return widths.Length == 1
            ? ConvNorm(scope, config, 3, widths[0], 3, 2, Nn.Silu)
            : Nn.Sequence(widths.Select((width, i) => ConvNorm(
                scope[$"conv{i + 1}"], config, i == 0 ? 3 : widths[i - 1], width, 3, i == 0 || i == widths.Length - 1 ? 2 : 1, Nn.Silu)));
    }

    /// <summary>Widening, 3 × 3 in groups, gate, narrowing; where size or channels change, nothing goes around it.</summary>
    private static Layer DeclareBlock(ParameterScope scope, Config config, long inChannels, long outChannels, int stride, double dropPath)
    {
        var middle = Nn.Divisible(inChannels * config.Expansion);
        var reduced = Nn.Divisible(middle * 0.25, limit: 0);
        var goesAround = stride == 1 && inChannels == outChannels;
        var branch = Nn.Sequence(
            ConvNorm(scope["conv1_1x1"], config, inChannels, middle, 1, 1, Nn.Silu),
            ConvNorm(scope["conv2_kxk"], config, middle, middle, 3, stride, Nn.Silu, middle / config.GroupWidth),
            Nn.SqueezeExcite(scope["attn"], middle, new()
            {
                Reduced = reduced,
                ReduceStart = Initializer.HeFanOut(reduced, 1),
                ExpandStart = Initializer.HeFanOut(middle, 1),
                BiasStart = Initializer.Zeros,
            }),
            ConvNorm(scope["conv3_1x1"], config, middle, outChannels, 1, 1, null, gamma: goesAround ? Initializer.Zeros : null),
            Nn.DropPath(scope.Path, dropPath));
        return Nn.Checkpointed(Nn.Tidy(goesAround ? (pass, x) => branch(pass, x).add_(x) : branch));
    }

    private static Layer ConvNorm(
        ParameterScope scope, Config config, long inChannels, long outChannels, int kernel, int stride, Layer? activation, long groups = 1, Initializer? gamma = null) =>
        Nn.Sequence(
            Nn.Conv2d(scope["conv"], inChannels, outChannels, new()
            {
                Kernel = kernel,
                Stride = stride,
                Groups = groups,
                Start = Initializer.HeFanOut(outChannels, kernel * kernel, groups),
            }),
            Nn.Norm(scope["bn"], outChannels, config.Norm, activation, gamma));
}
