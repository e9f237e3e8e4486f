using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>RDNet, a DenseNet with ConvNeXt's components (Kim et al. 2024). Follows timm's <c>rdnet.py</c>.</summary>
public static class RDNet
{
    /// <summary>Configuration of an RDNet.</summary>
    public sealed record Config
    {
        /// <summary>Number of channels after the stem.</summary>
        public required int StemChannels { get; init; }

        /// <summary>Growth rate per stage: number of channels that each of its three blocks adds.</summary>
        public required ImmutableArray<int> Growths { get; init; }

        /// <summary>Indices, from 0, of the stages that begin by halving the side.</summary>
        public required ImmutableArray<int> Halving { get; init; }
    }

    private const int BlocksPerStage = 3;

    // Index of the first stage whose blocks end with a channel gate.
    private const int FirstGated = 2;

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("RDNet",
    [
        ("rdnet_tiny", new() { StemChannels = 64, Growths = [64, 104, .. Enumerable.Repeat(128, 4), 224], Halving = [1, 2, 6] }),
        ("rdnet_small", new() { StemChannels = 72, Growths = [64, 128, .. Enumerable.Repeat(128, 7), 240, 240], Halving = [1, 2, 9] }),
        ("rdnet_base", new() { StemChannels = 120, Growths = [96, 128, .. Enumerable.Repeat(168, 7), 336, 336], Halving = [1, 2, 9] }),
        ("rdnet_large", new() { StemChannels = 144, Growths = [128, 192, .. Enumerable.Repeat(256, 8), 360, 360], Halving = [1, 2, 10] }),
    ], Declare) with
    { Order = 19 };

    // Follows timm's group_matcher; the groups are the stages.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("stem", (@"dense_stages\.(\d+)", null));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var channels = (long)config.StemChannels;
        var parts = new List<Layer> { Conv(root["stem"][0], 3, channels, 4, 4), Nn.LayerNorm2d(root["stem"][1], channels) };
        var (index, blocks) = (0, config.Growths.Length * BlocksPerStage);
        for (var stage = 0; stage < config.Growths.Length; stage++)
        {
            var scope = root["dense_stages"][stage];
            if (stage > 0)
            {
                var compressed = (long)(channels * 0.5 / 8) * 8;
                var stride = config.Halving.Contains(stage) ? 2 : 1;
                parts.Add(Nn.LayerNorm2d(scope[0], channels));
                parts.Add(Conv(scope[1], channels, compressed, stride, stride));
                channels = compressed;
            }

            var growth = config.Growths[stage];
            var layers = new List<Layer>();
            for (var block = 0; block < BlocksPerStage; block++, index++, channels += growth)
            {
                var inner = scope[stage == 0 ? 0 : 2][$"dense_block{block}"];
                layers.Add(DeclareBlock(inner, channels, growth, stage >= FirstGated, options, Nn.DropPathAt(index, blocks, options.DropPath)));
            }

            parts.Add(DenseNet.Dense(layers));
        }

        var head = Nn.PooledHead(
            root["head"], channels, options, new() { BiasInitializer = Initializer.Zeros }, scope => Nn.LayerNorm(scope["norm"], channels));
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? 224,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 },
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "stem.0",
        };
    }

    /// <summary>Declares a block: depthwise 7 × 7, normalisation, a hidden layer four times as wide, and from the third stage on a channel gate.</summary>
    private static Layer DeclareBlock(ParameterScope scope, long inChannels, long growth, bool gated, ModelOptions options, double dropPath)
    {
        var gamma = scope.Parameter("gamma", [growth], new Initializer.Constant(options.LayerScale ?? 1e-6));
        var layers = scope["layers"]["layers"];
        var hidden = inChannels * 4 / 8 * 8;
        var branch = Nn.Sequential(
            Conv(layers[0], inChannels, inChannels, 7, 1, inChannels),
            Nn.LayerNorm2d(layers[1], inChannels),
            Conv(layers[2], inChannels, hidden, 1, 1),
            Nn.Gelu,
            Conv(layers[4], hidden, growth, 1, 1),
            gated ? EffectiveSqueezeExcite(layers[5], growth) : null);
        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Block(scope, Nn.Tidy((pass, x) => drop(pass, branch(pass, x) * pass[gamma].Reshape(1, growth, 1, 1))));
    }

    /// <summary>Declares effective squeeze and excitation, which has a single layer (Lee and Park 2020; timm's <c>EffectiveSEModule</c>).</summary>
    private static Layer EffectiveSqueezeExcite(ParameterScope scope, long channels)
    {
        var matrix = Nn.Linear(scope["fc"], channels, channels, new()
        {
            StoredAsConvolution = true,
            WeightInitializer = Initializer.HeFanIn(channels),
        });
        var gating = Nn.Sequential(Nn.GlobalAveragePool, matrix, (_, x) => x.HardSigmoid());
        return Nn.Tidy((pass, x) => x * gating(pass, x).Unsqueeze(-1).Unsqueeze(-1));
    }

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride, long groups = 1) =>
        Nn.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Padding = stride == 1 ? null : 0,
            Groups = groups,
            Bias = true,
            WeightInitializer = Initializer.HeFanIn(inChannels / groups * kernel * kernel),
        });
}
