using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>DenseNet-BC (Huang et al. 2017). Follows timm's <c>densenet.py</c>.</summary>
public static class DenseNet
{
    /// <summary>Configuration of a DenseNet.</summary>
    public sealed record Config
    {
        /// <summary>Number of layers per dense block.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Growth rate: number of channels that each layer adds (the paper's k).</summary>
        public int Growth { get; init; } = 32;

        /// <summary>Whether the stem has three 3 × 3 convolutions instead of one 7 × 7.</summary>
        public bool DeepStem { get; init; }

        /// <summary>Whether the stem's pooling is anti-aliased (Zhang 2019).</summary>
        public bool Blur { get; init; }
    }

    private static readonly Config Net121 = new() { Depths = [6, 12, 24, 16] };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("DenseNet",
    [
        ("densenet121", Net121),
        ("densenetblur121d", Net121 with { DeepStem = true, Blur = true }),
        ("densenet169", new() { Depths = [6, 12, 32, 32] }),
        ("densenet201", new() { Depths = [6, 12, 48, 32] }),
        ("densenet161", new() { Depths = [6, 12, 36, 24], Growth = 48 }),
        ("densenet264d", new() { Depths = [6, 12, 64, 48], Growth = 48, DeepStem = true }),
    ], Declare) with
    { Order = 16 };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        @"features\.(?:conv|norm)[012]", (@"features\.denseblock(\d+)\.denselayer(\d+)", null), (@"features\.transition(\d+)", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">Drop path is requested, but there are no residual sums.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        options.CheckNoDropPath(name);
        var root = ParameterScope.Root();
        var features = root["features"];
        var channels = 2L * config.Growth;
        var parts = new List<Layer> { DeclareStem(features, config, channels) };
        for (var block = 0; block < config.Depths.Length; block++)
        {
            var scope = features[$"denseblock{block + 1}"];
            var layers = new List<Layer>();
            for (var layer = 0; layer < config.Depths[block]; layer++, channels += config.Growth)
            {
                layers.Add(DeclareLayer(scope[$"denselayer{layer + 1}"], channels, config.Growth));
            }

            parts.Add(Dense(layers));
            if (block < config.Depths.Length - 1)
            {
                parts.Add(DeclareTransition(features[$"transition{block + 1}"], channels, channels / 2));
                channels /= 2;
            }
        }

        parts.Add(Nn.BatchNorm2dRelu(features["norm5"], channels));
        var classifier = Nn.Classifier(root["classifier"], channels, options.Classes, new() { BiasInitializer = Initializer.Zeros });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? 224,
            Preprocessing = Preprocessing.ImageNet,
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = Nn.Sequential(Nn.GlobalAveragePool, Nn.Dropout("classifier", options.Dropout), classifier),
            Classifier = "classifier",
            FirstConvolution = "features.conv0",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config, long channels)
    {
        var pool = config.Blur
            ? Nn.Sequential((_, x) => x.MaxPool2d(3, 1, 1), Nn.BlurPool(scope.Path))
            : Nn.StemMaxPool;
        if (!config.DeepStem)
        {
            return Nn.Sequential(Conv(scope["conv0"], 3, channels, 7, 2), Nn.BatchNorm2dRelu(scope["norm0"], channels), pool);
        }

        return Nn.Sequential(
            Conv(scope["conv0"], 3, config.Growth, 3, 2),
            Nn.BatchNorm2dRelu(scope["norm0"], config.Growth),
            Conv(scope["conv1"], config.Growth, config.Growth, 3),
            Nn.BatchNorm2dRelu(scope["norm1"], config.Growth),
            Conv(scope["conv2"], config.Growth, channels, 3),
            Nn.BatchNorm2dRelu(scope["norm2"], channels),
            pool);
    }

    /// <summary>Declares a dense layer: all previous features to <paramref name="growth"/> new channels, through a bottleneck four times as wide.</summary>
    private static Layer DeclareLayer(ParameterScope scope, long inChannels, long growth) => Nn.Block(scope, Nn.Sequential(
        Nn.BatchNorm2dRelu(scope["norm1"], inChannels),
        Conv(scope["conv1"], inChannels, 4 * growth, 1),
        Nn.BatchNorm2dRelu(scope["norm2"], 4 * growth),
        Conv(scope["conv2"], 4 * growth, growth, 3)));

    /// <summary>Declares a transition, which halves the channels and the side.</summary>
    private static Layer DeclareTransition(ParameterScope scope, long inChannels, long outChannels) => Nn.Sequential(
        Nn.BatchNorm2dRelu(scope["norm"], inChannels),
        Conv(scope["conv"], inChannels, outChannels, 1),
        (_, x) => x.AveragePool2d(2, 2));

    /// <summary>Composes a dense block: each layer gets the concatenated outputs of all previous layers.</summary>
    internal static Layer Dense(IReadOnlyList<Layer> layers) => Nn.Tidy((pass, x) =>
    {
        foreach (var layer in layers)
        {
            var grown = Value.Concatenate([x, layer(pass, x)], 1);
            x = grown;
        }

        return x;
    });

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride = 1) =>
        Nn.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            WeightInitializer = Initializer.HeFanIn(inChannels * kernel * kernel),
        });
}
