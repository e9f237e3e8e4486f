using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>ConvNeXt and ConvNeXt V2 (Liu et al. 2022; Woo et al. 2023). Follows timm's <c>convnext.py</c>.</summary>
public static class ConvNext
{
    /// <summary>Stem, which reduces the side to a quarter.</summary>
    public enum Stem
    {
        /// <summary>One 4 × 4 convolution at stride 4.</summary>
        Patch,

        /// <summary>Two 3 × 3 convolutions at stride 2, both as wide as the first stage (timm's <c>nano_ols</c>).</summary>
        Overlap,

        /// <summary>Two 3 × 3 convolutions at stride 2, the first half as wide as the second (timm's <c>_ols</c>).</summary>
        OverlapTiered,

        /// <summary><see cref="Overlap"/> with an activation between the two convolutions (timm's <c>zepto_rms_ols</c>).</summary>
        OverlapActive,
    }

    /// <summary>Normalisation over the channels of each pixel.</summary>
    public enum Normalization
    {
        /// <summary>Layer normalisation.</summary>
        Layer,

        /// <summary>Division by the root mean square.</summary>
        RootMeanSquare,

        /// <summary>Division by the standard deviation without subtracting the mean.</summary>
        StandardDeviation,
    }

    /// <summary>Configuration of a ConvNeXt.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels per stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Whether the MLPs are stored as 1 × 1 convolutions (timm's <c>conv_mlp</c>, used by the small models).</summary>
        public bool ConvolutionMlp { get; init; }

        /// <summary>Whether blocks have global response normalisation instead of layer scale (version 2).</summary>
        public bool GlobalResponseNorm { get; init; }

        /// <summary>Kind of normalisation.</summary>
        public Normalization Normalization { get; init; }

        /// <summary>Epsilon of the normalisations.</summary>
        public double Epsilon { get; init; } = 1e-6;

        /// <summary>Side of the depthwise kernels per stage, in pixels.</summary>
        public ImmutableArray<int> Kernels { get; init; } = [7, 7, 7, 7];

        /// <summary>Activation of stem and blocks.</summary>
        public Layer Activation { get; init; } = Nn.Gelu;

        /// <summary>Kind of stem.</summary>
        public Stem Stem { get; init; } = Stem.Patch;

        /// <summary>Whether the last normalisation comes before pooling instead of after it (<c>tiny_hnf</c>).</summary>
        public bool NormBeforePooling { get; init; }

        /// <summary>Width of a hidden layer in the head (<c>large_mlp</c>); 0 has none.</summary>
        public int HeadWidth { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    private static readonly Config Zepto = new()
    {
        Depths = [2, 2, 4, 2],
        Widths = [32, 64, 128, 256],
        ConvolutionMlp = true,
        Normalization = Normalization.StandardDeviation,
        Preprocessing = Preprocessing.Inception with { CropPct = 0.875 },
    };

    private static readonly Config Atto = new() { Depths = [2, 2, 6, 2], Widths = [40, 80, 160, 320], ConvolutionMlp = true };
    private static readonly Config Femto = Atto with { Widths = [48, 96, 192, 384] };
    private static readonly Config Pico = Atto with { Widths = [64, 128, 256, 512] };
    private static readonly Config Nano = Atto with { Depths = [2, 2, 8, 2], Widths = [80, 160, 320, 640] };
    private static readonly Config Tiny = new() { Depths = [3, 3, 9, 3], Widths = [96, 192, 384, 768] };
    private static readonly Config Small = Tiny with { Depths = [3, 3, 27, 3] };
    private static readonly Config Base = Small with { Widths = [128, 256, 512, 1024] };
    private static readonly Config Large = Small with { Widths = [192, 384, 768, 1536] };
    private static readonly Config Test = new()
    {
        Depths = [1, 1, 1, 1],
        Widths = [32, 64, 96, 128],
        Epsilon = 1e-5,
        Activation = Nn.GeluTanh,
        InputSize = 160,
        Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
    };

    private static readonly Preprocessing Crop95 = Preprocessing.ImageNet with { CropPct = 0.95 };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("ConvNeXt",
    [
        ("convnext_atto", Atto),
        ("convnext_atto_ols", Atto with { Stem = Stem.OverlapTiered }),
        ("convnext_femto", Femto),
        ("convnext_femto_ols", Femto with { Stem = Stem.OverlapTiered }),
        ("convnext_pico", Pico),
        ("convnext_pico_ols", Pico with { Stem = Stem.OverlapTiered, Preprocessing = Crop95 }),
        ("convnext_nano", Nano with { Preprocessing = Crop95 }),
        ("convnext_nano_ols", Nano with { Stem = Stem.Overlap, Preprocessing = Crop95 }),
        ("convnext_tiny_hnf", Tiny with { ConvolutionMlp = true, NormBeforePooling = true, Preprocessing = Crop95 }),
        ("convnext_tiny", Tiny with { Preprocessing = Crop95 }),
        ("convnext_small", Small with { Preprocessing = Crop95 }),
        ("convnext_base", Base),
        ("convnext_large", Large),
        ("convnext_large_mlp", Large with { HeadWidth = 1536, InputSize = 320, Preprocessing = Preprocessing.Clip }),
        ("convnext_xlarge", Small with { Widths = [256, 512, 1024, 2048] }),
        ("convnext_xxlarge", new()
        {
            Depths = [3, 4, 30, 3],
            Widths = [384, 768, 1536, 3072],
            Epsilon = 1e-5,
            InputSize = 256,
            Preprocessing = Preprocessing.Clip,
        }),
        ("convnextv2_atto", V2(Atto)),
        ("convnextv2_femto", V2(Femto)),
        ("convnextv2_pico", V2(Pico)),
        ("convnextv2_nano", V2(Nano)),
        ("convnextv2_tiny", V2(Tiny)),
        ("convnextv2_small", V2(Small)),
        ("convnextv2_base", V2(Base)),
        ("convnextv2_large", V2(Large)),
        ("convnextv2_huge", V2(Small) with
        {
            Widths = [352, 704, 1408, 2816],
            InputSize = 384,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 1, CropMode = "squash" },
        }),

        // Among timm's names with rms, only this one divides by the root mean square.
        ("convnext_atto_rms", Atto with { Normalization = Normalization.RootMeanSquare }),
        ("convnext_zepto_rms", Zepto),
        ("convnext_zepto_rms_ols", Zepto with { Stem = Stem.OverlapActive, Preprocessing = Preprocessing.Inception }),
        ("test_convnext", Test with { Depths = [1, 2, 4, 2], Widths = [24, 32, 48, 64] }),
        ("test_convnext2", Test),
        ("test_convnext3", Test with { Kernels = [7, 5, 5, 3], Activation = Nn.Silu }),
    ], Declare) with
    {
        Order = 7,
        Recipe = DefaultRecipe.Same("convnext_atto"),
        GenericPrefixes = ["test_"],
        ShortNames = [("convnext", new("convnext_atto_64", "convnext_base"))],
    };

    private static Config V2(Config config) => config with { GlobalResponseNorm = true };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        "stem", (@"stages\.(\d+)\.downsample", 0), (@"stages\.(\d+)\.blocks\.(\d+)", null), ("norm_pre", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = ParameterScope.Root();
        var parts = new List<Layer> { DeclareStem(root["stem"], config) };
        var blocks = config.Depths.Sum();
        var index = 0;
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            var width = config.Widths[stage];
            if (stage > 0)
            {
                var down = scope["downsample"];
                parts.Add(Nn.PixelNorm(Norm(down[0], config, config.Widths[stage - 1])));
                parts.Add(Conv(down[1], config.Widths[stage - 1], width, 2, 2));
            }

            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Nn.DropPathAt(index, blocks, options.DropPath);
                parts.Add(DeclareBlock(scope["blocks"][block], config, options, width, config.Kernels[stage], dropPath));
            }
        }

        var channels = config.Widths[^1];
        if (config.NormBeforePooling)
        {
            parts.Add(Nn.PixelNorm(Norm(root["norm_pre"], config, channels)));
        }

        return new Architecture
        {
            Name = name,
            Options = options,
            Head = DeclareHead(root["head"], config, options, channels),
            Features = Nn.Sequential(parts),
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Classifier = "head.fc",
            FirstConvolution = "stem.0",
        };
    }

    private static Layer DeclareStem(ParameterScope scope, Config config)
    {
        var width = config.Widths[0];
        if (config.Stem == Stem.Patch)
        {
            return Nn.Sequential(Conv(scope[0], 3, width, 4, 4), Nn.PixelNorm(Norm(scope[1], config, width)));
        }

        var middle = config.Stem == Stem.OverlapTiered ? Nn.MakeDivisible(width / 2) : width;
        var active = config.Stem == Stem.OverlapActive;
        return Nn.Sequential(
            Conv(scope[0], 3, middle, 3, 2, padding: 1),
            active ? config.Activation : null,
            Conv(scope[active ? 2 : 1], middle, width, 3, 2, padding: 1),
            Nn.PixelNorm(Norm(scope[active ? 3 : 2], config, width)));
    }

    private static Layer Norm(ParameterScope scope, Config config, long channels) => config.Normalization switch
    {
        Normalization.Layer => Nn.LayerNorm(scope, channels, config.Epsilon),
        Normalization.RootMeanSquare => Nn.RmsNorm(scope, channels, config.Epsilon),
        _ => Nn.SimpleNorm(scope, channels, config.Epsilon),
    };

    /// <summary>
    /// Declares a block: a depthwise convolution (7 × 7 except in timm's test models), normalisation, and an MLP four times as wide; the last
    /// two work on (N, H, W, C).
    /// </summary>
    private static Layer DeclareBlock(ParameterScope scope, Config config, ModelOptions options, long width, int kernel, double dropPath)
    {
        TensorSlot? gamma = config.GlobalResponseNorm ? null : scope.Parameter("gamma", [width], new Initializer.Constant(options.LayerScale ?? 1e-6));
        var depthwise = Nn.Conv2d(scope["conv_dw"], width, width, ConvDefaults with { Kernel = kernel, Groups = width });
        var norm = Norm(scope["norm"], config, width);
        var mlp = Nn.Mlp(scope["mlp"], width, 4 * width, new()
        {
            Activation = config.Activation,
            Linear = LinearOptions.TruncatedNormal with { StoredAsConvolution = config.ConvolutionMlp },
            Middle = config.GlobalResponseNorm ? inner => Nn.GlobalResponseNorm(inner["grn"], 4 * width) : null,
        });
        var residual = Nn.Residual(scope.Path, dropPath, gamma);
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var filtered = Nn.ChannelsToEnd(depthwise(pass, x));
            var branch = mlp(pass, norm(pass, filtered));
            return Nn.ChannelsToFront(residual(pass, Nn.ChannelsToEnd(x), branch));
        }));
    }

    private static Layer DeclareHead(ParameterScope scope, Config config, ModelOptions options, int channels)
    {
        var norm = config.NormBeforePooling ? null : Norm(scope["norm"], config, channels);
        var hidden = config.HeadWidth == 0 ? null : Nn.Linear(scope["pre_logits"]["fc"], channels, config.HeadWidth, LinearOptions.TruncatedNormal);
        return Nn.Sequential(
            Nn.GlobalAveragePool,
            norm,
            hidden,
            hidden is null ? null : Nn.Gelu,
            Nn.Dropout("head", options.Dropout),
            Nn.Classifier(scope["fc"], config.HeadWidth == 0 ? channels : config.HeadWidth, options.Classes, LinearOptions.TruncatedNormal));
    }

    private static Conv2dOptions ConvDefaults { get; } =
        new() { Bias = true, WeightInitializer = new Initializer.TruncatedNormal(0.02), BiasInitializer = Initializer.Zeros };

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride, int padding = 0) =>
        Nn.Conv2d(scope, inChannels, outChannels, ConvDefaults with { Kernel = kernel, Stride = stride, Padding = padding });
}
