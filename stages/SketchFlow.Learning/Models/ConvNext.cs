using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>ConvNeXt and ConvNeXt V2 (Liu et al. 2022; Woo et al. 2023), as timm's <c>convnext.py</c> has them.</summary>
public static class ConvNext
{
    /// <summary>How the image is cut down four times.</summary>
    public enum Stem
    {
        /// <summary>One 4 × 4 convolution at stride 4.</summary>
        Patch,

        /// <summary>Two 3 × 3 convolutions at stride 2, both as wide as the first stage (timm's <c>nano_ols</c>).</summary>
        Overlap,

        /// <summary>The same, the first half as wide (timm's <c>_ols</c>).</summary>
        OverlapTiered,
    }

    /// <summary>What makes a ConvNeXt.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels a stage.</summary>
        public required ImmutableArray<int> Widths { get; init; }

        /// <summary>Whether the blocks' two matrices are stored as 1 × 1 convolutions (timm's <c>conv_mlp</c>, the small ones).</summary>
        public bool ConvolutionMlp { get; init; }

        /// <summary>Version 2: response normalisation in the blocks instead of layer scale.</summary>
        public bool ResponseNorm { get; init; }

        /// <summary>Epsilon of the layer normalisations.</summary>
        public double Epsilon { get; init; } = 1e-6;

        /// <summary>The stem.</summary>
        public Stem Stem { get; init; } = Stem.Patch;

        /// <summary>Normalisation before the pooling instead of after it (<c>tiny_hnf</c>).</summary>
        public bool NormBeforePooling { get; init; }

        /// <summary>Width of a hidden layer in the head; 0 goes without (<c>large_mlp</c>).</summary>
        public int HeadWidth { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;
    }

    private static readonly Config Atto = new() { Depths = [2, 2, 6, 2], Widths = [40, 80, 160, 320], ConvolutionMlp = true };
    private static readonly Config Femto = Atto with { Widths = [48, 96, 192, 384] };
    private static readonly Config Pico = Atto with { Widths = [64, 128, 256, 512] };
    private static readonly Config Nano = Atto with { Depths = [2, 2, 8, 2], Widths = [80, 160, 320, 640] };
    private static readonly Config Tiny = new() { Depths = [3, 3, 9, 3], Widths = [96, 192, 384, 768] };
    private static readonly Config Small = Tiny with { Depths = [3, 3, 27, 3] };
    private static readonly Config Base = Small with { Widths = [128, 256, 512, 1024] };
    private static readonly Config Large = Small with { Widths = [192, 384, 768, 1536] };
    private static readonly Preprocessing Crop95 = Preprocessing.ImageNet with { CropPct = 0.95 };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Of<Config>("ConvNeXt",
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
    ], Declare);

    private static Config V2(Config config) => config with { ResponseNorm = true };

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var root = Scope.Root();
        var parts = new List<Layer> { DeclareStem(root["stem"], config) };
        var blocks = config.Depths.Sum();
        var index = 0;
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var scope = root["stages"][stage];
            var width = config.Widths[stage];
            if (stage > 0)
            {
                // It belongs to the group of the block that follows it.
                var down = scope["downsample"].InGroup(index + 1);
                parts.Add(Layers.LayerNorm2d(down[0], config.Widths[stage - 1], config.Epsilon));
                parts.Add(Conv(down[1], config.Widths[stage - 1], width, 2, 2));
            }

            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Layers.DropPathAt(index, blocks, options.DropPath);
                parts.Add(DeclareBlock(scope["blocks"][block].InGroup(index + 1), config, options, width, dropPath));
            }
        }

        var last = root.InGroup(blocks + 1);
        var channels = config.Widths[^1];
        if (config.NormBeforePooling)
        {
            parts.Add(Layers.LayerNorm2d(last["norm_pre"], channels, config.Epsilon));
        }

        return new Architecture
        {
            Name = name,
            Options = options,
            Head = DeclareHead(last["head"], config, options, channels),
            Features = Layers.Sequence(parts),
            InputSize = options.InputSize ?? config.InputSize,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(),
            Classifier = "head.fc",
            FirstConvolution = "stem.0",
        };
    }

    private static Layer DeclareStem(Scope scope, Config config)
    {
        var width = config.Widths[0];
        if (config.Stem == Stem.Patch)
        {
            return Layers.Sequence(Conv(scope[0], 3, width, 4, 4), Layers.LayerNorm2d(scope[1], width, config.Epsilon));
        }

        var middle = config.Stem == Stem.Overlap ? width : Layers.Divisible(width / 2);
        return Layers.Sequence(
            Conv(scope[0], 3, middle, 3, 2, padding: 1),
            Conv(scope[1], middle, width, 3, 2, padding: 1),
            Layers.LayerNorm2d(scope[2], width, config.Epsilon));
    }

    /// <summary>Depthwise 7 × 7, normalisation, and a hidden layer four times as wide, all but the first over (N, H, W, C).</summary>
    private static Layer DeclareBlock(Scope scope, Config config, ModelOptions options, long width, double dropPath)
    {
        Slot? gamma = config.ResponseNorm ? null : scope.Parameter("gamma", [width], new Start.Constant(options.LayerScale ?? 1e-6));
        var depthwise = Layers.Conv2d(scope["conv_dw"], width, width, SmallConv with { Kernel = 7, Groups = width });
        var norm = Layers.LayerNorm(scope["norm"], width, config.Epsilon);
        var mlp = Layers.Mlp(
            scope["mlp"],
            width,
            4 * width,
            Layers.Gelu,
            LinearOptions.Small with { StoredAsConvolution = config.ConvolutionMlp },
            config.ResponseNorm ? inner => Layers.GlobalResponseNorm(inner["grn"], 4 * width) : null);
        var residual = Layers.Residual(scope.Path, dropPath, gamma);
        return Layers.Recomputed(Layers.Tidy((pass, x) =>
        {
            var filtered = Layers.ChannelsToEnd(depthwise(pass, x));
            var branch = mlp(pass, norm(pass, filtered));
            return Layers.ChannelsToFront(residual(pass, Layers.ChannelsToEnd(x), branch));
        }));
    }

    private static Layer DeclareHead(Scope scope, Config config, ModelOptions options, int channels)
    {
        var norm = config.NormBeforePooling ? null : Layers.LayerNorm(scope["norm"], channels, config.Epsilon);
        var hidden = config.HeadWidth == 0 ? null : Layers.Linear(scope["pre_logits"]["fc"], channels, config.HeadWidth, LinearOptions.Small);
        return Layers.Sequence(
            Layers.GlobalAveragePool,
            norm,
            hidden,
            hidden is null ? null : Layers.Gelu,
            Layers.Dropout("head", options.Dropout),
            Layers.Classifier(scope["fc"], config.HeadWidth == 0 ? channels : config.HeadWidth, options.Classes, LinearOptions.Small));
    }

    private static Conv2dOptions SmallConv { get; } = new() { Bias = true, Start = new Start.TruncatedNormal(0.02), BiasStart = Start.Zeros };

    private static Layer Conv(Scope scope, long inChannels, long outChannels, int kernel, int stride, int padding = 0) =>
        Layers.Conv2d(scope, inChannels, outChannels, SmallConv with { Kernel = kernel, Stride = stride, Padding = padding });
}
