using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Explanation;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Explanation;

/// <summary>Maps of one small architecture of each family; nothing here names a layer.</summary>
public sealed class ExplainerTests
{
    [Long]
    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void Every_method_gives_a_finite_map_with_the_grid_of_the_features_that_is_not_constant(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Filled(name, size);
        var explainer = new Explainer(model);
        var feature = explainer.Feature;
        Assert.NotNull(feature);
        Assert.True(feature.Height * feature.Width > 1, feature.ToString());
        var image = Image(size);
        var target = new SaliencyTarget(Top(model, image));
        foreach (var method in explainer.Methods)
        {
            var map = explainer.Explain(image, target, method);
            Assert.Equal(method, map.Method);
            Assert.Equal(map.Height * map.Width, map.Values.Length);
            Assert.All(map.Values, value => Assert.True(float.IsFinite(value) && value >= 0, $"{name} {method}: {value}"));
            if (method is not (SaliencyMethod.Occlusion or SaliencyMethod.AttentionRollout or SaliencyMethod.AttentionGradient))
            {
                Assert.Equal((feature.Height, feature.Width), (map.Height, map.Width));
            }

            // The weights are random, so that a channel's weight may be negative everywhere.
            Assert.True(!map.IsConstant || method is SaliencyMethod.GradCam or SaliencyMethod.FinerCam or SaliencyMethod.GradCamPlusPlus
                || map.Values.All(value => value == 0), $"{name} {method} is constant: {map.Values[0]}");
        }

        Assert.Contains(explainer.Methods, method => !explainer.Explain(image, target, method).IsConstant && method != SaliencyMethod.Occlusion);
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void The_features_of_a_corner_change_most_where_that_corner_of_the_image_does(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        using var small = Filled(name, size);
        // Each feature of a convolutional network sees the whole of a small image.
        var explainer = new Explainer(small);
        var mixesAll = explainer.Supports(SaliencyMethod.AttentionRollout);
        var side = mixesAll ? size : 4 * size;
        // With larger weights, attention over all cells of a small map hides the corner; with smaller ones, some networks answer nothing.
        using var model = Filled(name, side, gain: mixesAll && explainer.Feature!.Prefix is null ? 1 : 1.5);
        var feature = new Explainer(model).Feature!;
        var image = Image(side);
        var changed = image.clone();
        var part = side / 4;
        changed.narrow(2, 0, part).narrow(3, side - part, part).mul_(Keep(-2));
        var difference = (Features(model, feature, changed) - Features(model, feature, image)).abs().sum(1)[0];
        Assert.Equal([feature.Height, feature.Width], difference.shape);
        var (topRight, bottomLeft) = (difference[0, feature.Width - 1].item<float>(), difference[feature.Height - 1, 0].item<float>());
        Assert.True(topRight > bottomLeft, $"{name} {feature}: {topRight} at the top right, {bottomLeft} at the bottom left");
    }

    [Fact]
    public void Rows_and_columns_are_not_exchanged_in_any_layout()
    {
        using var scope = torch.NewDisposeScope();
        var map = torch.arange(Keep(0), Keep(2 * 4 * 2 * 3), Keep(1), torch.float32).reshape(2, 4, 2, 3);
        var channelsLast = map.permute(0, 2, 3, 1);
        var tokens = torch.cat([torch.full([2, 5, 4], Keep(-1)), channelsLast.reshape(2, 6, 4)], 1);
        Assert.True(map.Same(new SpatialFeature(null, 2, 3).ToMap(map)));
        Assert.True(map.Same(new SpatialFeature(null, 2, 3) { IsChannelsLast = true }.ToMap(channelsLast)));
        Assert.True(map.Same(new SpatialFeature(null, 2, 3) { Prefix = 5 }.ToMap(tokens)));
    }

    [Theory]
    [InlineData("resnet18", null, null)]
    [InlineData("convnext_atto", null, null)]
    [InlineData("vit_tiny_patch16_224", "blocks.11.norm1", 1)]
    [InlineData("deit_tiny_distilled_patch16_224", "blocks.11.norm1", 2)]
    [InlineData("vit_small_patch14_reg4_dinov2", "blocks.11.norm1", 5)]
    [InlineData("vit_base_patch16_siglip_224", null, 0)]
    [InlineData("vit_medium_patch16_gap_256", null, 0)]
    [InlineData("swin_tiny_patch4_window7_224", null, null)]
    public void The_layer_is_the_last_one_whose_cells_all_influence_the_logits(string name, string? layer, int? prefix)
    {
        using var graph = Zoo.Build(name).Record();
        var feature = SpatialFeature.Find(graph)!;
        Assert.Equal((layer, prefix), (feature.Layer, feature.Prefix));
        Assert.Equal(feature.Height, feature.Width);
    }

    [Fact]
    public void A_network_without_attention_refuses_methods_of_attention_with_a_way_out()
    {
        using var model = Filled("resnet18", 64);
        var explainer = new Explainer(model);
        Assert.DoesNotContain(SaliencyMethod.AttentionRollout, explainer.Methods);
        using var scope = torch.NewDisposeScope();
        var refusal = Assert.Throws<RefusalException>(() => explainer.Explain(Image(64), new SaliencyTarget(0), SaliencyMethod.AttentionRollout));
        Assert.Equal("resnet18 has no attention over the places of an image; use a method of class activation maps, such as gradcam.", refusal.Message);
    }

    [Fact]
    public void Occlusion_finds_only_squares_that_cover_a_part_of_the_drawing()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Filled("vit_tiny_patch16_224", 224);
        var image = torch.zeros(1, 3, 224, 224);
        image.narrow(2, 16, 32).narrow(3, 160, 32).fill_(Keep(3));
        var map = new Explainer(model).Explain(image, new SaliencyTarget(Top(model, image)), SaliencyMethod.Occlusion);
        for (var i = 0; i < map.Values.Length; i++)
        {
            var (row, column) = (i / map.Width, i % map.Width);
            // A square covers 2 × 2 cells of 16 pixels.
            Assert.True(map.Values[i] == 0 || (row is >= 0 and <= 3 && column is >= 9 and <= 12), $"{row}, {column}: {map.Values[i]}");
        }
    }

    [Fact]
    public void Maps_are_enlarged_without_exchanging_rows_and_columns_and_scaled_from_0_to_1()
    {
        var map = new SaliencyMap(SaliencyMethod.GradCam, 2, 3, [1, 1, 5, 1, 1, 1]);
        var pixels = map.ToPixels(4, 9);
        Assert.Equal(36, pixels.Length);
        Assert.Equal(1, pixels[8], 1e-6);
        Assert.Equal(0, pixels[27], 1e-6);
        Assert.Equal(0, new SaliencyMap(SaliencyMethod.GradCam, 1, 2, [3, 3]).ToPixels(2, 2).Max());
    }

    internal static FlatModel Filled(string name, int size, double gain = 1)
    {
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var weights = ModelWeights.Fresh(architecture, 1);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            ParityCheck.Fill(tensor, spec, gain);
        }

        return FlatModel.Create(architecture, weights.Tensors, torch.CPU, channelsLast: false, learns: false);
    }

    private static torch.Tensor Image(long size) => torch.randn([1, size, size, 3], generator: new torch.Generator(5)).permute(0, 3, 1, 2);

    private static int Top(FlatModel model, torch.Tensor image)
    {
        using var quiet = torch.no_grad();
        return (int)model.Architecture.Forward(new ForwardContext(model.Weights), image.clone()).argmax(1)[0].item<long>();
    }

    private static torch.Tensor Features(FlatModel model, SpatialFeature feature, torch.Tensor image)
    {
        if (feature.Layer is not { } layer)
        {
            return feature.ToMap(model.Architecture.Features(new ForwardContext(model.Weights), new Value(image.clone())).Tensor);
        }

        torch.Tensor? found = null;
        var pass = new ForwardContext(model.Weights)
        {
            Tap = (name, output) =>
            {
                found = name == layer ? output : found;
                if (name != layer)
                {
                    output.Dispose();
                }
            },
        };
        model.Architecture.Forward(pass, image.clone());
        using var owned = found!;
        return feature.ToMap(owned).clone();
    }
}
