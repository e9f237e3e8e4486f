using System.Collections.Immutable;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers on the feature map of a convolutional network (Dosovitskiy et al. 2021; Steiner et al. 2022; MobileCLIP: Vasu et al.
/// 2024). Follows timm's <c>vision_transformer_hybrid.py</c>.
/// </summary>
public static class VisionTransformerHybrid
{
    private static readonly VisionTransformer.Config Tiny = new() { Width = 192, Heads = 3, Patch = 8, Backbone = R([]) };
    private static readonly VisionTransformer.Config Small = new() { Width = 384, Heads = 6, Patch = 1, Backbone = R([2, 2, 2, 2]) };
    private static readonly VisionTransformer.Config Base = new() { Width = 768, Heads = 12, Patch = 1, Backbone = R([3, 4, 9]) };
    private static readonly VisionTransformer.Config Large = new() { Width = 1024, Heads = 16, Depth = 24, Patch = 1, Backbone = R([3, 4, 6, 3]) };
    private static readonly VisionTransformer.Config Shallow =
        Base with { Depth = 8, Heads = 8, MlpRatio = 3, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<VisionTransformer.Config>("VisionTransformerHybrid",
    [
        ("vit_tiny_r_s16_p8_224", Tiny),
        ("vit_tiny_r_s16_p8_384", At384(Tiny)),
        ("vit_small_r26_s32_224", Small),
        ("vit_small_r26_s32_384", At384(Small)),
        ("vit_base_r26_s32_224", Base with { Backbone = R([2, 2, 2, 2]) }),
        ("vit_base_r50_s16_224", Base),
        ("vit_base_r50_s16_384", At384(Base)),
        ("vit_large_r50_s32_224", Large),
        ("vit_large_r50_s32_384", At384(Large)),
        ("vit_small_resnet26d_224", Shallow with { Backbone = D([2, 2, 2, 2]) }),
        ("vit_small_resnet50d_s16_224", Shallow with { Backbone = D([3, 4, 6]) }),
        ("vit_base_resnet26d_224", Shallow with { Depth = 12, Heads = 12, MlpRatio = 4, Backbone = D([2, 2, 2, 2]) }),
        ("vit_base_resnet50d_224", Shallow with { Depth = 12, Heads = 12, MlpRatio = 4, Backbone = D([3, 4, 6, 3]) }),
        ("vit_base_mci_224", Base with
        {
            Backbone = ThreeConvolutions(768),
            PrefixPositionEmbedding = false,
            Preprocessing = new([0, 0, 0], [1, 1, 1], "bicubic", 0.9),
        }),
    ], VisionTransformer.Declare) with
    {
        Order = 9,
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,
    };

    private static VisionTransformer.Config At384(VisionTransformer.Config config) =>
        config with { InputSize = 384, Preprocessing = Preprocessing.Inception with { CropPct = 1 } };

    /// <summary>Returns a ResNet-D without its head.</summary>
    private static VisionTransformer.Backbone D(ImmutableArray<int> depths)
    {
        var config = new ResNet.Config { Depths = depths, Stem = ResNet.Stem.Deep, AverageDown = true };
        return new(2 << depths.Length, 256L << (depths.Length - 1), "conv1.0", scope => ResNet.DeclareBody(scope, config, 0).Body);
    }

    /// <summary>
    /// Returns Big Transfer's ResNet with normalisation after the convolutions, TensorFlow's padding, and one stage per depth; without depths it
    /// is the stem alone.
    /// </summary>
    private static VisionTransformer.Backbone R(ImmutableArray<int> depths) => depths.IsEmpty
        ? new(4, 64, "conv", scope => DeclareStem(scope, Initializer.TorchDefault(3 * 7 * 7)))
        : new(2 << depths.Length, 256L << (depths.Length - 1), "stem.conv", scope =>
        {
            var parts = new List<Layer> { DeclareStem(scope["stem"]) };
            var channels = 64L;
            for (var stage = 0; stage < depths.Length; stage++)
            {
                for (var block = 0; block < depths[stage]; block++)
                {
                    var width = 256L << stage;
                    parts.Add(DeclareBottleneck(scope["stages"][stage]["blocks"][block], channels, width, block == 0 && stage > 0 ? 2 : 1, block == 0));
                    channels = width;
                }
            }

            return Nn.Sequential(parts);
        });

    /// <summary>Declares the stem; used alone, timm keeps PyTorch's default initializer for it.</summary>
    private static Layer DeclareStem(ParameterScope scope, Initializer? initializer = null) =>
        Nn.Sequential(Conv(scope["conv"], 3, 64, 7, 2, initializer), Nn.GroupNormRelu(scope["norm"], 64), Nn.StemMaxPoolSame);

    private static Layer DeclareBottleneck(ParameterScope scope, long inChannels, long outChannels, int stride, bool first)
    {
        var middle = outChannels / 4;
        var shortcut = first
            ? Nn.Sequential(Conv(scope["downsample"]["conv"], inChannels, outChannels, 1, stride), Nn.GroupNorm(scope["downsample"]["norm"], outChannels))
            : null;
        var branch = Nn.Sequential(
            Conv(scope["conv1"], inChannels, middle, 1),
            Nn.GroupNormRelu(scope["norm1"], middle),
            Conv(scope["conv2"], middle, middle, 3, stride),
            Nn.GroupNormRelu(scope["norm2"], middle),
            Conv(scope["conv3"], middle, outChannels, 1),
            Nn.GroupNorm(scope["norm3"], outChannels, gamma: Initializer.Zeros));
        return Nn.Block(scope, Nn.Tidy((pass, x) => Nn.ReluInPlace(pass, branch(pass, x).AddInPlace(shortcut is null ? x : shortcut(pass, x)))));
    }

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride = 1, Initializer? initializer = null) =>
        Nn.StandardizedConv2d(scope, inChannels, outChannels, new()
        {
            Kernel = kernel,
            Stride = stride,
            Same = true,
            WeightInitializer = initializer ?? Initializer.HeFanOut(outChannels, kernel * kernel),
        }, 1e-8);

    /// <summary>Returns three convolutions that reduce the side to a sixteenth (MobileCLIP).</summary>
    private static VisionTransformer.Backbone ThreeConvolutions(long width) => new(16, width, "0.conv", scope => Nn.Sequential(
        Nn.ConvNorm(scope[0], 3, width / 4, Patches(4)),
        Nn.ConvNorm(scope[1], width / 4, width / 4, Patches(2)),
        Nn.Conv2d(scope[2]["conv"], width / 4, width, new() { Kernel = 2, Stride = 2, Padding = 0, Bias = true })))
    {
        Projects = false,
    };

    private static ConvNormOptions Patches(int side) =>
        new() { Convolution = new() { Kernel = side, Stride = side, Padding = 0 }, HeFanOut = false, Activation = Nn.Gelu };
}
