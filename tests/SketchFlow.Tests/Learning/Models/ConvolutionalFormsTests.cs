using System.Collections.Immutable;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>
/// Forms of convolutional networks without a fixture of timm's, held against a second writing of timm's source in loops and double
/// precision (<see cref="PlainNetwork"/>). timm's published tables hold the variants themselves (<see cref="TallyTests"/>).
/// </summary>
public class ConvolutionalFormsTests
{
    private static readonly NormOptions EvoNorm = new() { Kind = NormKind.EvoNorm, GroupWidth = 4 };

    private static readonly EfficientNet.Config Efficient = new()
    {
        Stages =
        [
            new(EfficientNet.Block.Inverted, 1, 3, 1, 1, 8),
            new(EfficientNet.Block.Inverted, 2, 3, 2, 3, 16),
            new(EfficientNet.Block.Inverted, 2, 5, 2, 2, 24),
        ],
        First = 8,
        Last = 32,
    };

    private static readonly RegNet.Config Regular = new()
    {
        Depth = 4,
        Initial = 16,
        Slope = 8,
        Multiplier = 2,
        GroupWidth = 8,
        SqueezeExcite = true,
    };

    private static readonly RegNetZ.Config Z = new() { Depths = [2, 2], Widths = [16, 24], GroupWidth = 8, Expansion = 2, Stem = [16], Last = 32 };

    private static readonly ConvNext.Config Next = new() { Depths = [1, 2], Widths = [8, 16], Kernels = [7, 7] };

    private static readonly ResNet.Config Residual = new() { Depths = [2, 1], Widths = [8, 16], StemWidth = 8 };

    private static readonly ResNet.Config Deep = Residual with { Stem = ResNet.Stem.Deep, AverageDown = true };

    private static readonly ByobResNet.Config Byob = new() { Depths = [2, 1, 1, 1], Widths = [32, 32, 64, 64], Stem = [4, 4, 8] };

    public static TheoryData<string, EfficientNet.Config> Efficients => new()
    {
        { "the paper's", Efficient },
        { "TensorFlow's padding and epsilon", Efficient with { TensorFlow = true } },
        { "Lite", Efficient with { Stages = [.. Efficient.Stages.Select(s => s with { Gate = 0 })], KeepsEnds = true, Width = 1.5, Depth = 1.5, WidensLast = false } },
        { "wider fused blocks with gates and ReLU", Efficient with { Stages = Efficient.Stages.SetItem(1, new(EfficientNet.Block.Fused, 2, 3, 2, 3, 16) { Gate = 0.25, Relu = true }) } },
        { "EdgeTPU's first block", Efficient with { Stages = Efficient.Stages.SetItem(0, new(EfficientNet.Block.Fused, 1, 3, 1, 2, 8) { ExpansionOf = 16, GoesAround = false }) } },
        { "folded images before fused blocks", Efficient with { Depth = 1.5, Stages = [Efficient.Stages[0] with { Folds = true }, new(EfficientNet.Block.Fused, 2, 3, 2, 6, 16) { Gate = 0.25, Relu = true }, Efficient.Stages[2]] } },
        { "kernels mixed for each image", Efficient with { Stages = [Efficient.Stages[0], .. Efficient.Stages[1..].Select(s => s with { Experts = 3 })] } },
        { "kernels mixed for each image, TensorFlow's", Efficient with { TensorFlow = true, Stages = [Efficient.Stages[0], .. Efficient.Stages[1..].Select(s => s with { Experts = 3 })] } },
        { "group normalisation and grouped convolutions", Efficient with { Norm = new() { Kind = NormKind.Group, GroupWidth = 4 }, GroupWidth = 4, Divisor = 8 } },
        { "layer normalisation", Efficient with { Norm = new() { Kind = NormKind.Layer } } },
        { "EvoNorm", Efficient with { Norm = EvoNorm } },
        { "blurred where halved", Efficient with { Blur = true } },
        { "gates that attend to pixels", Efficient with { GateKind = EfficientNet.GateKind.GlobalContext } },
        { "pruned", Efficient with { Pruned = [new(8, 3, 8), new(21, 2, 13), new(17, 5, 13), new(30, 4, 19), new(11, 1, 19)] } },
    };

    public static TheoryData<string, RegNet.Config> Regulars => new()
    {
        { "Y", Regular },
        { "Y with group normalisation", Regular with { Norm = new() { Kind = NormKind.Group, GroupWidth = 4 }, Activation = Layers.Silu } },
        { "V", Regular with { NormFirst = true, Activation = Layers.Silu } },
        { "V with averaging shortcuts", Regular with { NormFirst = true, Activation = Layers.Silu, Shortcut = RegNet.Shortcut.AveragePool } },
        { "Z", Regular with { BottleneckRatio = 2, LinearOut = true, Activation = Layers.Silu, Shortcut = RegNet.Shortcut.None } },
        { "Z with a last convolution", Regular with { BottleneckRatio = 2, LinearOut = true, Activation = Layers.Silu, Shortcut = RegNet.Shortcut.None, Last = 40 } },
    };

    public static TheoryData<string, ResNet.Config> Residuals => new()
    {
        { "a plain stem", Residual with { Widths = [32, 32] } },
        { "ECA, pruned", Deep with { Gate = ResNet.Gate.NeighbouringChannels, Pruned = [new(7, 5, 19), new(9, 6, 19), new(11, 8, 33)] } },
        { "bottlenecks in one stage alone", Deep with { Bottlenecks = [false, true] } },
        { "averages where halved", Deep with { Antialias = ResNet.Antialias.Average } },
        { "blurred where halved", Deep with { Antialias = ResNet.Antialias.Blur } },
        { "pairs of convolutions, blurred where halved", Deep with { Antialias = ResNet.Antialias.Blur, Bottleneck = false } },
        { "RS", Deep with { ConvolvedPool = true, Gate = ResNet.Gate.SqueezeExcite, GateRatio = 0.25 } },
        { "SENet", Deep with { AverageDown = false, SeNet = true, Gate = ResNet.Gate.SqueezeExcite, Groups = 4, GroupWidth = 16 } },
        { "group normalisation", Residual with { GroupNorm = true, Widths = [32, 64] } },
    };

    public static TheoryData<string, ByobResNet.Config> Byobs => new()
    {
        { "CLIP's", Byob with { Averages = true, StemPool = ByobResNet.StemPool.Average, PoolsByAttention = true, Width = 2 } },
        { "CLIP's without its attention", Byob with { Averages = true, StemPool = ByobResNet.StemPool.Average } },
        { "groups, a pooled stem and squeeze and excitation", Byob with { GroupWidth = 4, StemPool = ByobResNet.StemPool.Max, Gate = ByobResNet.Gate.SqueezeExcite } },
        { "a context that is added, and a last convolution", Byob with { Gate = ByobResNet.Gate.GlobalContext, Last = 24 } },
        { "ECA", Byob with { Gate = ByobResNet.Gate.NeighbouringChannels } },
    };

    public static TheoryData<string, RegNetZ.Config> Zs => new()
    {
        { "a plain stem", Z },
        { "a stem of three", Z with { Stem = [8, 8, 16] } },
        { "EvoNorm", Z with { Norm = EvoNorm with { Kind = NormKind.EvoNormAlways, Epsilon = 1e-3 } } },
    };

    public static TheoryData<string, ConvNext.Config> Nexts => new()
    {
        { "root mean squares", Next with { Normalization = ConvNext.Normalization.RootMeanSquare } },
        { "deviations", Next with { Normalization = ConvNext.Normalization.Deviation, ConvolutionMlp = true } },
        { "deviations and an activation in the stem", Next with { Normalization = ConvNext.Normalization.Deviation, Stem = ConvNext.Stem.OverlapActive } },
        { "smaller kernels", Next with { Kernels = [5, 3], Epsilon = 1e-5 } },
    };

    [Theory]
    [MemberData(nameof(Efficients))]
    public void An_efficientnet_answers_what_its_definition_says_pixel_by_pixel(string what, EfficientNet.Config config)
    {
        var lite = what == "Lite";
        config = lite ? config with { Activation = Layers.Relu6InPlace } : config;
        WindowTests.Same(
            what,
            EfficientNet.Declare("efficientnet", config, new() { Classes = 5, InputSize = 32 }),
            (plain, image) => plain.EfficientNet(image, config, lite ? PlainNetwork.Relu6 : PlainNetwork.Silu));
    }

    [Theory]
    [MemberData(nameof(Regulars))]
    public void A_regnet_answers_what_its_definition_says_pixel_by_pixel(string what, RegNet.Config config) => WindowTests.Same(
        what,
        RegNet.Declare("regnet", config, new() { Classes = 5, InputSize = 32 }),
        (plain, image) => plain.RegNet(image, config, what == "Y" ? PlainNetwork.Relu : PlainNetwork.Silu));

    [Theory]
    [MemberData(nameof(Zs))]
    public void A_regnetz_of_timms_answers_what_its_definition_says_pixel_by_pixel(string what, RegNetZ.Config config) => WindowTests.Same(
        what,
        RegNetZ.Declare("regnetz", config, new() { Classes = 5, InputSize = 32 }),
        (plain, image) => plain.RegNetZ(image, config));

    [Theory]
    [MemberData(nameof(Nexts))]
    public void A_convnext_answers_what_its_definition_says_pixel_by_pixel(string what, ConvNext.Config config)
    {
        // Layer scale of 1e-6 would hide the blocks; the fill gives it about 1.
        config = config with { Activation = Layers.Silu };
        WindowTests.Same(
            what,
            ConvNext.Declare("convnext", config, new() { Classes = 5, InputSize = 32 }),
            (plain, image) => plain.ConvNext(image, config, PlainNetwork.Silu));
    }

    [Theory]
    [InlineData(NormKind.Group)]
    [InlineData(NormKind.EvoNorm)]
    [InlineData(NormKind.FilterResponse)]
    public void A_resnetv2_answers_what_its_definition_says_pixel_by_pixel(NormKind kind)
    {
        var config = new ResNetV2.Config { Depths = [2, 1], Stem = ResNet.Stem.Deep, AverageDown = true, Norm = new() { Kind = kind } };
        WindowTests.Same(
            kind.ToString(),
            ResNetV2.Declare("resnetv2", config, new() { Classes = 5, InputSize = 32 }),
            (plain, image) => plain.ResNetV2(image, config));
    }

    [Theory]
    [MemberData(nameof(Residuals))]
    public void A_resnet_answers_what_its_definition_says_pixel_by_pixel(string what, ResNet.Config config) => WindowTests.Same(
        what,
        ResNet.Declare("resnet", config, new() { Classes = 5, InputSize = 32 }),
        (plain, image) => plain.ResNet(image, config));

    [Theory]
    [MemberData(nameof(Byobs))]
    public void A_resnet_of_byobnet_answers_what_its_definition_says_pixel_by_pixel(string what, ByobResNet.Config config)
    {
        config = config with { Activation = config.Averages ? Layers.ReluInPlace : Layers.Silu };
        WindowTests.Same(
            what,
            ByobResNet.Declare("resnet", config, new() { Classes = 5, InputSize = 64 }),
            (plain, image) => plain.ByobResNet(image, config, config.Averages ? PlainNetwork.Relu : PlainNetwork.Silu));
    }

    [Fact]
    public void Places_of_an_attention_pooling_are_resampled_for_another_image_size()
    {
        var config = Byob with { Averages = true, StemPool = ByobResNet.StemPool.Average, PoolsByAttention = true };
        var file = Path.GetTempFileName();
        try
        {
            var (small, large) = (Sized(64), Sized(128));
            using var places = torch.arange(5 * 64, torch.float32).reshape(5, 64);
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                // The mean's own place first, then each pixel's number.
                fresh["head.pos_embed"].copy_(places);
                fresh.Save(file);
            }

            var (weights, report) = ModelWeights.Load(large, file, 0);
            using (weights)
            {
                Assert.Equal(["head.pos_embed"], report.Resampled);
                var found = weights["head.pos_embed"];
                Assert.Equal([17L, 64L], found.shape);
                Assert.True(found[0].Same(places[0]));

                // A plane stays one between the middles of its pixels, as far as the cubic's ends let it.
                Assert.Equal(places.narrow(0, 1, 4).mean().item<float>(), found.narrow(0, 1, 16).mean().item<float>(), 1e-2f);
                Assert.True(found[1, 0].item<float>() < found[4, 0].item<float>() && found[1, 0].item<float>() < found[13, 0].item<float>());
            }
        }
        finally
        {
            File.Delete(file);
        }

        Architecture Sized(int size) => ByobResNet.Declare("resnet", config, new() { Classes = 3, InputSize = size });
    }

    [Fact]
    public void Sizes_that_leave_half_a_place_are_refused_where_attention_pools()
    {
        var refusal = Assert.Throws<RefusalException>(() => Zoo.Build("resnet50_clip", new() { InputSize = 100 }));
        Assert.Contains("96 or 128", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(100, Zoo.Build("resnet50_clip_gap", new() { InputSize = 100 }).InputSize);
    }

    /// <summary>The shapes that timm writes down for its pruned networks, of which a few are picked.</summary>
    [Theory]
    [InlineData("efficientnet_b1_pruned", "blocks.5.0.se.conv_reduce.weight", 27, 637, 1, 1)]
    [InlineData("efficientnet_b2_pruned", "blocks.4.3.conv_pwl.weight", 116, 443, 1, 1)]
    [InlineData("efficientnet_b3_pruned", "blocks.4.3.se.conv_expand.weight", 226, 33, 1, 1)]
    [InlineData("efficientnet_b3_pruned", "conv_head.weight", 1536, 384, 1, 1)]
    [InlineData("ecaresnet50d_pruned", "layer2.0.downsample.1.weight", 171, 19, 1, 1)]
    [InlineData("ecaresnet50d_pruned", "layer4.2.se.conv.weight", 1, 1, 7)]
    [InlineData("ecaresnet101d_pruned", "layer3.9.conv2.weight", 97, 238, 3, 3)]
    [InlineData("ecaresnet101d_pruned", "fc.weight", 1000, 2042)]
    public void Pruned_networks_have_the_shapes_that_timm_lists(string model, string tensor, params int[] shape) =>
        Assert.Equal(shape.Select(s => (long)s), Zoo.Build(model).Tensors.Single(t => t.Name == tensor).Shape);
}
