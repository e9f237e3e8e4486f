using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// ResNet and ResNeXt (He et al. 2016; Xie et al. 2017), with the stems and shortcuts of He et al. 2019, channel gates (SE: Hu et al. 2018;
/// ECA: Wang et al. 2020), anti-aliased pooling (Zhang 2019) and the changes of ResNet-RS (Bello et al. 2021). Follows timm's <c>resnet.py</c>.
/// </summary>
public static class ResNet
{
    /// <summary>Kind of stem.</summary>
    public enum Stem
    {
        /// <summary>One 7 × 7 convolution, 64 channels.</summary>
        Plain,

        /// <summary>Three 3 × 3 convolutions of 32, 32 and 64 channels (ResNet-C, -D).</summary>
        Deep,

        /// <summary>Three 3 × 3 convolutions of 24, 32 and 64 channels (timm's -t).</summary>
        Tiered,
    }

    /// <summary>Anti-aliased downsampling that replaces strides.</summary>
    public enum Antialias
    {
        /// <summary>No anti-aliasing; a stride downsamples.</summary>
        None,

        /// <summary>Mean over 2 × 2.</summary>
        Average,

        /// <summary>Binomial filter (Zhang 2019).</summary>
        Blur,
    }

    /// <summary>Channel gate at the end of a block.</summary>
    public enum Gate
    {
        /// <summary>No gate.</summary>
        None,

        /// <summary>Squeeze and excitation.</summary>
        SqueezeExcite,

        /// <summary>Efficient channel attention (ECA).</summary>
        EfficientChannelAttention,
    }

    /// <summary>Numbers of channels after the three convolutions of a pruned network's bottleneck.</summary>
    /// <param name="First">Number of channels after the first convolution.</param>
    /// <param name="Middle">Number of channels after the 3 × 3 convolution.</param>
    /// <param name="Channels">Number of channels after the last convolution and of the residual sum.</param>
    public readonly record struct PrunedBlock(int First, int Middle, int Channels);

    /// <summary>Configuration of a ResNet.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Whether blocks are bottlenecks (1 × 1, 3 × 3, 1 × 1, output four times as wide); otherwise pairs of 3 × 3 convolutions.</summary>
        public bool Bottleneck { get; init; } = true;

        /// <summary>Whether blocks are bottlenecks, per stage; default is <see cref="Bottleneck"/> for all stages.</summary>
        public ImmutableArray<bool> Bottlenecks { get; init; }

        /// <summary>Number of channels of the 3 × 3 convolutions per stage.</summary>
        public ImmutableArray<int> Widths { get; init; } = [64, 128, 256, 512];

        /// <summary>Blocks of a pruned network, whose channel counts follow no rule; empty for other networks.</summary>
        public ImmutableArray<PrunedBlock> Pruned { get; init; } = [];

        /// <summary>Number of groups of the 3 × 3 convolution in a bottleneck (cardinality).</summary>
        public int Groups { get; init; } = 1;

        /// <summary>Number of channels per group in the first stage; 64 with one group is the plain bottleneck.</summary>
        public int GroupWidth { get; init; } = 64;

        /// <summary>Kind of stem.</summary>
        public Stem Stem { get; init; } = Stem.Plain;

        /// <summary>Whether average pooling before the shortcut's convolution replaces its stride (ResNet-D).</summary>
        public bool AverageDown { get; init; }

        /// <summary>Number of channels of the first two convolutions of a stem of three; the third has twice as many.</summary>
        public int StemWidth { get; init; } = 32;

        /// <summary>Whether a 3 × 3 convolution at stride 2 replaces the stem's pooling (ResNet-RS).</summary>
        public bool ConvolutionalPool { get; init; }

        /// <summary>Channel gate at the end of each block.</summary>
        public Gate Gate { get; init; }

        /// <summary>Ratio of the reduced channels of squeeze and excitation to its channels.</summary>
        public double GateRatio { get; init; } = 1 / 16.0;

        /// <summary>Anti-aliased downsampling in the stem and in blocks with a stride.</summary>
        public Antialias Antialias { get; init; }

        /// <summary>Whether group normalisation replaces batch normalisation (Wu and He 2018).</summary>
        public bool GroupNorm { get; init; }

        /// <summary>Whether a bottleneck's first convolution has half the channels and shortcuts are 3 × 3 (SENet-154).</summary>
        public bool SeNet { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    private static readonly Config Basic18 = new() { Depths = [2, 2, 2, 2], Bottleneck = false };
    private static readonly Config Basic34 = new() { Depths = [3, 4, 6, 3], Bottleneck = false };
    private static readonly Config Net26 = new() { Depths = [2, 2, 2, 2] };
    private static readonly Config Net50 = new() { Depths = [3, 4, 6, 3] };
    private static readonly Config Net101 = new() { Depths = [3, 4, 23, 3] };
    private static readonly Config Net152 = new() { Depths = [3, 8, 36, 3] };
    private static readonly Config Net200 = new() { Depths = [3, 24, 36, 3] };
    private static readonly Config Net269 = new() { Depths = [3, 30, 48, 8] };
    private static readonly Config Single = new() { Depths = [1, 1, 1, 1] };

    // Aflalo et al. 2020, from the shapes in timm's models/_pruned, stage by stage.
    private static readonly ImmutableArray<PrunedBlock> Pruned50 =
    [
        new(47, 18, 19), new(52, 22, 19), new(64, 35, 19),
        new(85, 37, 171), new(107, 80, 171), new(120, 85, 171), new(125, 87, 171),
        new(198, 126, 818), new(255, 232, 818), new(256, 233, 818), new(253, 235, 818), new(256, 225, 818), new(256, 239, 818),
        new(492, 237, 2022), new(512, 500, 2022), new(512, 490, 2022),
    ];

    private static readonly ImmutableArray<PrunedBlock> Pruned101 =
    [
        new(45, 25, 26), new(53, 20, 26), new(60, 27, 26),
        new(81, 24, 142), new(93, 49, 142), new(102, 54, 142), new(122, 78, 142),
        new(101, 25, 278), new(239, 160, 278), new(234, 156, 278), new(250, 176, 278), new(253, 191, 278), new(251, 175, 278),
        new(230, 128, 278), new(244, 154, 278), new(244, 159, 278), new(238, 97, 278), new(244, 149, 278), new(253, 181, 278),
        new(245, 119, 278), new(255, 216, 278), new(256, 201, 278), new(253, 149, 278), new(254, 141, 278), new(256, 190, 278),
        new(256, 217, 278), new(255, 156, 278), new(256, 155, 278), new(256, 232, 278), new(256, 214, 278),
        new(499, 289, 2042), new(512, 512, 2042), new(512, 502, 2042),
    ];

    private static readonly Preprocessing Crop95 = Preprocessing.ImageNet with { CropPct = 0.95 };
    private static readonly Preprocessing Bilinear = Preprocessing.ImageNet with { Interpolation = "bilinear" };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("ResNet",
    [
        ("resnet10t", T(Single) with { Bottleneck = false, InputSize = 176 }),
        ("resnet14t", T(Single) with { InputSize = 176 }),
        ("resnet18", Basic18 with { Preprocessing = Crop95 }),
        ("resnet18d", D(Basic18)),
        ("resnet34", Basic34 with { Preprocessing = Crop95 }),
        ("resnet34d", D(Basic34)),
        ("resnet26", Net26),
        ("resnet26d", D(Net26)),
        ("resnet26t", T(Net26) with { InputSize = 256, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.94 } }),
        ("resnet50", Net50 with { Preprocessing = Crop95 }),
        ("resnet50c", Net50 with { Stem = Stem.Deep }),
        ("resnet50s", S(Net50)),
        ("resnet50d", D(Net50)),
        ("resnet50t", T(Net50)),
        ("resnet101", Net101 with { Preprocessing = Crop95 }),
        ("resnet101c", Net101 with { Stem = Stem.Deep }),
        ("resnet101s", S(Net101)),
        ("resnet101d", D(Net101) with { InputSize = 256, Preprocessing = Crop95 }),
        ("resnet152", Net152 with { Preprocessing = Crop95 }),
        ("resnet152c", Net152 with { Stem = Stem.Deep }),
        ("resnet152s", S(Net152)),
        ("resnet152d", D(Net152) with { InputSize = 256, Preprocessing = Crop95 }),
        ("resnet200", Net200),
        ("resnet200d", D(Net200) with { InputSize = 256, Preprocessing = Crop95 }),
        ("resnet50_gn", Net50 with { GroupNorm = true, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.94 } }),
        ("wide_resnet50_2", Net50 with { GroupWidth = 128 }),
        ("wide_resnet101_2", Net101 with { GroupWidth = 128, Preprocessing = Bilinear }),
        ("resnext50_32x4d", X(Net50, 32, 4) with { Preprocessing = Crop95 }),
        ("resnext50d_32x4d", D(X(Net50, 32, 4))),
        ("resnext101_32x4d", X(Net101, 32, 4) with { Preprocessing = Bilinear }),
        ("resnext101_32x8d", X(Net101, 32, 8) with { Preprocessing = Bilinear }),
        ("resnext101_32x16d", X(Net101, 32, 16) with { Preprocessing = Bilinear }),
        ("resnext101_32x32d", X(Net101, 32, 32) with { Preprocessing = Bilinear }),
        ("resnext101_64x4d", X(Net101, 64, 4) with { Preprocessing = Crop95 }),
        ("seresnet50", Net50 with { Gate = Gate.SqueezeExcite, Preprocessing = Crop95 }),
        ("seresnet152d", D(Net152) with { Gate = Gate.SqueezeExcite, InputSize = 256, Preprocessing = Crop95 }),
        ("seresnext50_32x4d", X(Net50, 32, 4) with { Gate = Gate.SqueezeExcite }),
        ("seresnext101_32x8d", X(Net101, 32, 8) with { Gate = Gate.SqueezeExcite, Preprocessing = Crop95 }),
        ("seresnext101d_32x8d", D(X(Net101, 32, 8)) with { Gate = Gate.SqueezeExcite, Preprocessing = Crop95 }),
        ("seresnet18", Se(Basic18)),
        ("seresnet34", Se(Basic34)),
        ("seresnet50t", Se(T(Net50))),
        ("seresnet101", Se(Net101)),
        ("seresnet152", Se(Net152)),
        ("seresnet200d", Se(D(Net200)) with { InputSize = 256 }),
        ("seresnet269d", Se(D(Net269)) with { InputSize = 256 }),
        ("seresnext26d_32x4d", Se(D(X(Net26, 32, 4)))),
        ("seresnext26t_32x4d", Se(T(X(Net26, 32, 4)))),
        ("seresnext101_32x4d", Se(X(Net101, 32, 4))),
        ("seresnext101_64x4d", Se(X(Net101, 64, 4))),
        ("senet154", Se(X(Net152, 64, 4)) with { Stem = Stem.Deep, StemWidth = 64, SeNet = true }),
        ("ecaresnet26t", Eca(T(Net26)) with { InputSize = 256 }),
        ("ecaresnet50d", Eca(D(Net50))),
        ("ecaresnet50t", Eca(T(Net50)) with { InputSize = 256 }),
        ("ecaresnetlight", Eca(new() { Depths = [1, 1, 11, 3], AverageDown = true })),
        ("ecaresnet101d", Eca(D(Net101))),
        ("ecaresnet200d", Eca(D(Net200)) with { InputSize = 256, Preprocessing = Crop95 }),
        ("ecaresnet269d", Eca(D(Net269)) with { InputSize = 320, Preprocessing = Crop95 }),
        ("ecaresnext26t_32x4d", Eca(T(X(Net26, 32, 4)))),

        // timm's network of this name has the depths of ResNet-26.
        ("ecaresnext50t_32x4d", Eca(T(X(Net26, 32, 4)))),
        ("resnetblur18", Blur(Basic18)),
        ("resnetblur50", Blur(Net50)),
        ("resnetblur50d", Blur(D(Net50))),
        ("resnetblur101d", Blur(D(Net101))),
        ("resnetaa34d", Average(D(Basic34))),
        ("resnetaa50", Average(Net50) with { Preprocessing = Crop95 }),
        ("resnetaa50d", Average(D(Net50)) with { Preprocessing = Crop95 }),
        ("resnetaa101d", Average(D(Net101)) with { Preprocessing = Crop95 }),
        ("seresnetaa50d", Se(Average(D(Net50)))),
        ("seresnextaa101d_32x8d", Se(Average(D(X(Net101, 32, 8)))) with { InputSize = 288, Preprocessing = Crop95 }),
        ("seresnextaa201d_32x8d", Se(Average(D(X(Net200 with { Depths = [3, 24, 36, 4] }, 32, 8)))) with
        {
            StemWidth = 64,
            InputSize = 384,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
        }),
        ("resnetrs50", Rs([3, 4, 6, 3], 160, 0.91)),
        ("resnetrs101", Rs([3, 4, 23, 3], 192, 0.94)),
        ("resnetrs152", Rs([3, 8, 36, 3], 256)),
        ("resnetrs200", Rs([3, 24, 36, 3], 256)),
        ("resnetrs270", Rs([4, 29, 53, 4], 256)),
        ("resnetrs350", Rs([4, 36, 72, 4], 288)),
        ("resnetrs420", Rs([4, 44, 87, 4], 320)),
        ("ecaresnet50d_pruned", Eca(D(Net50)) with { Pruned = Pruned50 }),
        ("ecaresnet101d_pruned", Eca(D(Net101)) with { Pruned = Pruned101 }),
        ("test_resnet", D(Single) with
        {
            Bottlenecks = [false, false, true, false],
            Widths = [32, 48, 48, 96],
            StemWidth = 16,
            InputSize = 160,
            Preprocessing = Preprocessing.Inception with { CropPct = 0.95, Interpolation = "bilinear" },
        }),
    ], Declare) with
    {
        Order = 1,
        ShortNames = [("resnet", new("resnet18", "resnet50_card")), ("resnext", new("resnext50_32x4d", "resnext101_card"))],
    };

    private static Config D(Config config) => config with { Stem = Stem.Deep, AverageDown = true };

    private static Config T(Config config) => D(config) with { Stem = Stem.Tiered };

    private static Config S(Config config) => config with { Stem = Stem.Deep, StemWidth = 64 };

    private static Config Se(Config config) => config with { Gate = Gate.SqueezeExcite };

    private static Config Eca(Config config) => config with { Gate = Gate.EfficientChannelAttention };

    private static Config Blur(Config config) => config with { Antialias = Antialias.Blur };

    private static Config Average(Config config) => config with { Antialias = Antialias.Average };

    private static Config Rs(ImmutableArray<int> depths, int size, double crop = 1) => Se(D(new() { Depths = depths })) with
    {
        ConvolutionalPool = true,
        GateRatio = 0.25,
        InputSize = size,
        Preprocessing = Preprocessing.ImageNet with { CropPct = crop },
    };

    private static Config X(Config config, int groups, int width) => config with { Groups = groups, GroupWidth = width };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create("conv1|bn1|maxpool", (@"layer(\d+)\.(\d+)", null));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var (body, channels) = DeclareBody(root, config, options.DropPath);
        var classifier = Nn.Classifier(root["fc"], channels, options.Classes);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Features = body,
            Head = Nn.Sequential(Nn.GlobalAveragePool, Nn.Dropout("fc", options.Dropout), classifier),
            Classifier = "fc",
            FirstConvolution = config.Stem == Stem.Plain ? "conv1" : "conv1.0",
        };
    }

    /// <summary>Declares stem and stages, and returns them with their number of output channels.</summary>
    /// <param name="root">Scope of the network.</param>
    /// <param name="config">Configuration of the network.</param>
    /// <param name="dropPath">Drop path rate of the last block.</param>
    internal static (Layer Body, long Channels) DeclareBody(ParameterScope root, Config config, double dropPath)
    {
        var parts = new List<Layer> { DeclareStem(root, config) };
        var blocks = config.Depths.Sum();
        var (channels, index) = (config.Stem == Stem.Plain ? 64L : 2L * config.StemWidth, 0);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            long width = config.Widths[stage];
            var bottleneck = config.Bottlenecks.IsDefault ? config.Bottleneck : config.Bottlenecks[stage];
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var stride = block == 0 && stage > 0 ? 2 : 1;
                var scope = root[$"layer{stage + 1}"][block];
                var pruned = config.Pruned.IsEmpty ? default(PrunedBlock?) : config.Pruned[index];
                var outChannels = pruned?.Channels ?? (bottleneck ? width * 4 : width);
                var shape = new BlockShape(channels, outChannels, stride, Nn.DropPathAt(index, blocks, dropPath));
                parts.Add(DeclareBlock(scope, config, bottleneck, pruned, width, shape));
                channels = outChannels;
            }
        }

        return (Nn.Sequential(parts), channels);
    }

    private static Layer DeclareStem(ParameterScope root, Config config)
    {
        if (config.Stem == Stem.Plain)
        {
            return Nn.Sequential(
                Conv(root["conv1"], 3, 64, 7, 2),
                NormRelu(root["bn1"], config, 64),
                DeclareStemPool(root["maxpool"], config, 64));
        }

        var (conv1, middle) = (root["conv1"], config.StemWidth);
        var first = config.Stem == Stem.Deep ? middle : 3 * (middle / 4);
        return Nn.Sequential(
            Conv(conv1[0], 3, first, 3, 2),
            NormRelu(conv1[1], config, first),
            Conv(conv1[3], first, middle, 3),
            NormRelu(conv1[4], config, middle),
            Conv(conv1[6], middle, 2 * middle, 3),
            NormRelu(root["bn1"], config, 2 * middle),
            DeclareStemPool(root["maxpool"], config, 2 * middle));
    }

    private static Layer DeclareStemPool(ParameterScope scope, Config config, long channels) => config switch
    {
        { ConvolutionalPool: true } => Nn.Sequential(Conv(scope[0], channels, channels, 3, 2), NormRelu(scope[1], config, channels)),
        { Antialias: Antialias.Average } => Halve,
        { Antialias: Antialias.Blur } => Nn.Sequential((_, x) => x.MaxPool2d(3, 1, 1), Nn.BlurPool(scope.Path)),
        _ => Nn.StemMaxPool,
    };

    private static Layer Halve { get; } = (_, x) => x.AveragePool2d(2, 2);

    private static Layer DeclareBlock(ParameterScope scope, Config config, bool bottleneck, PrunedBlock? pruned, long width, BlockShape shape)
    {
        var (inChannels, outChannels, stride, dropPath) = shape;

        // With anti-aliasing, pooling after the normalisation replaces the stride.
        var downsample = stride == 1 ? null : config.Antialias switch
        {
            Antialias.Average => Halve,
            Antialias.Blur => Nn.BlurPool(scope.Path),
            _ => null,
        };
        var step = downsample is null ? stride : 1;
        Layer branch;
        if (bottleneck)
        {
            var middle = pruned?.Middle ?? (width * config.GroupWidth / 64 * config.Groups);
            var first = pruned?.First ?? (config.SeNet ? middle / 2 : middle);
            branch = Nn.Sequential(
                Conv(scope["conv1"], inChannels, first, 1),
                NormRelu(scope["bn1"], config, first),
                Conv(scope["conv2"], first, middle, 3, step, config.Groups),
                NormRelu(scope["bn2"], config, middle),
                downsample,
                Conv(scope["conv3"], middle, outChannels, 1),
                Norm(scope["bn3"], config, outChannels, Initializer.Zeros));
        }
        else
        {
            branch = Nn.Sequential(
                Conv(scope["conv1"], inChannels, width, 3, step),
                NormRelu(scope["bn1"], config, width),
                downsample,
                Conv(scope["conv2"], width, width, 3),
                Norm(scope["bn2"], config, width, Initializer.Zeros));
        }

        var gate = config.Gate switch
        {
            Gate.SqueezeExcite => DeclareSqueezeExcite(scope["se"], config, outChannels),
            Gate.EfficientChannelAttention => Nn.EfficientChannelAttention(scope["se"], outChannels, kernelFor: bottleneck ? width * 4 : width),
            _ => null,
        };
        var down = stride != 1 || inChannels != outChannels
            ? DeclareShortcut(scope["downsample"], config, inChannels, outChannels, stride)
            : null;
        var drop = Nn.DropPath(scope.Path, dropPath);
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var y = branch(pass, x);
            y = gate is null ? y : gate(pass, y);
            y = drop(pass, y);
            return Nn.ReluInPlace(pass, y.AddInPlace(down is null ? x : down(pass, x)));
        }));
    }

    private static Layer DeclareSqueezeExcite(ParameterScope scope, Config config, long channels) =>
        Nn.SqueezeExcite(scope, channels, new() { ReducedChannels = Nn.MakeDivisible(channels * config.GateRatio, limit: 0) });

    /// <summary>Declares the shortcut: a convolution and a normalisation, after average pooling if the configuration has it.</summary>
    private static Layer DeclareShortcut(ParameterScope scope, Config config, long inChannels, long outChannels, int stride) => config.AverageDown
        ? Nn.Sequential(
            stride == 1 ? null : Nn.HalvingAveragePool,
            Conv(scope[1], inChannels, outChannels, 1),
            Norm(scope[2], config, outChannels))
        : Nn.Sequential(
            Conv(scope[0], inChannels, outChannels, config.SeNet && stride != 1 ? 3 : 1, stride),
            Norm(scope[1], config, outChannels));

    private static Layer Norm(ParameterScope scope, Config config, long channels, Initializer? gamma = null) =>
        config.GroupNorm ? Nn.GroupNorm(scope, channels, gamma: gamma) : Nn.BatchNorm2d(scope, channels, gamma: gamma);

    private static Layer NormRelu(ParameterScope scope, Config config, long channels) => Nn.Sequential(Norm(scope, config, channels), Nn.ReluInPlace);

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride = 1, int groups = 1) =>
        Nn.Conv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Groups = groups,
            WeightInitializer = Initializer.HeFanOut(outChannels, kernel * kernel),
        });
}
