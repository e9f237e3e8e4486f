using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>TResNet (Ridnik et al. 2020). Follows timm's <c>tresnet.py</c>, with plain instead of in-place batch normalisation.</summary>
public static class TResNet
{
    /// <summary>Configuration of a TResNet.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Factor of all channel counts.</summary>
        public double Width { get; init; } = 1;

        /// <summary>Whether the first two stages also have bottlenecks (version 2).</summary>
        public bool Version2 { get; init; }
    }

    // Slope of the leaky ReLU in the blocks.
    private const double Slope = 1e-3;

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("TResNet",
    [
        ("tresnet_m", new() { Depths = [3, 4, 11, 3] }),
        ("tresnet_l", new() { Depths = [4, 5, 18, 3], Width = 1.2 }),
        ("tresnet_xl", new() { Depths = [4, 5, 24, 3], Width = 1.3 }),
        ("tresnet_v2_l", new() { Depths = [3, 4, 23, 3], Version2 = true }),
    ], Declare) with
    { Order = 17 };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(@"body\.conv1", (@"body\.layer(\d+)\.(\d+)", null));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of 4.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, 224, multipleOf: 4);
        var root = ParameterScope.Root();
        var body = root["body"];
        var first = (long)(64 * config.Width);
        first = config.Version2 ? first / 8 * 8 : first;
        var parts = new List<Layer> { SpaceToDepth, Conv(body["conv1"], 48, first, 3, Nn.LeakyReluInPlace(0.01)) };
        var (channels, index, blocks) = (first, 0, config.Depths.Sum());
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var width = first << stage;
            var bottleneck = config.Version2 || stage >= 2;
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var scope = body[$"layer{stage + 1}"][block];
                var shape = new BlockShape(
                    channels, bottleneck ? 4 * width : width, block == 0 && stage > 0 ? 2 : 1, Nn.DropPathAt(index, blocks, options.DropPath));
                parts.Add(DeclareBlock(scope, shape, bottleneck, squeezeExcite: stage < 3));
                channels = shape.OutChannels;
            }
        }

        var head = Nn.PooledHead(root["head"], channels, options, new() { WeightInitializer = new Initializer.Normal(0.01) });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = new([0, 0, 0], [1, 1, 1], "bilinear", 0.875),
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "body.conv1.conv",
        };
    }

    /// <summary>Moves each 4 × 4 square of pixels into 16 times as many channels, in the order row, column, channel.</summary>
    private static Layer SpaceToDepth { get; } = Nn.Tidy((_, x) =>
    {
        var (batch, channels, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2] / 4, x.Shape[3] / 4);
        var squares = x.Reshape(batch, channels, height, 4, width, 4).Permute(0, 2, 4, 3, 5, 1);
        return Nn.ChannelsToFront(squares.Reshape(batch, height, width, 16 * channels));
    });

    private static Layer DeclareBlock(ParameterScope scope, BlockShape shape, bool bottleneck, bool squeezeExcite)
    {
        var (inChannels, outChannels, halve) = (shape.InChannels, shape.OutChannels, shape.Stride == 2);
        var width = bottleneck ? outChannels / 4 : outChannels;
        var shortcut = halve || inChannels != outChannels
            ? Nn.Sequential(halve ? Nn.HalvingAveragePool : null, Conv(scope["downsample"][halve ? 1 : 0], inChannels, outChannels, 1, null))
            : null;
        var leaky = Nn.LeakyReluInPlace(Slope);
        var blur = halve ? Nn.BlurPool(scope.Path) : null;
        List<Layer?> parts = bottleneck
            ?
            [
                Conv(scope["conv1"], inChannels, width, 1, leaky),
                Conv(scope["conv2"], width, width, 3, leaky),
                blur,
                squeezeExcite ? Excite(width, width * 4 / 8) : null,
                Conv(scope["conv3"], width, outChannels, 1, null, Initializer.Zeros),
            ]
            :
            [
                Conv(scope["conv1"], inChannels, width, 3, leaky),
                blur,
                Conv(scope["conv2"], width, width, 3, null, Initializer.Zeros),
                squeezeExcite ? Excite(width, width / 4) : null,
            ];
        parts.Add(Nn.DropPath(scope.Path, shape.DropPath));
        var branch = Nn.Sequential(parts);
        return Nn.Block(scope, Nn.Tidy((pass, x) => Nn.ReluInPlace(pass, branch(pass, x).AddInPlace(shortcut is null ? x : shortcut(pass, x)))));

        Layer Excite(long channels, long reduced) => Nn.SqueezeExcite(scope["se"], channels, new() { ReducedChannels = Math.Max(64, reduced) });
    }

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, Layer? activation, Initializer? gamma = null) =>
        Nn.ConvNorm(scope, inChannels, outChannels, new() { Convolution = new() { Kernel = kernel }, Activation = activation, Gamma = gamma });
}
