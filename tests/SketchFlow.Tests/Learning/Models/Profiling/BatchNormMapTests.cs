using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models.Profiling;

public class BatchNormMapTests
{
    [Theory]
    [InlineData("resnet18", 32, "layer4.0.bn1", 1)]
    [InlineData("resnet18", 64, "layer4.0.bn1", 4)]
    [InlineData("regnety_002", 32, null, 1)]
    [InlineData("convnext_atto", 32, "none", 0)]
    [InlineData("vit_tiny_patch16_224", 32, "none", 0)]
    public void The_smallest_map_is_that_of_the_last_stage_and_networks_with_layer_norms_have_none(string name, int side, string? layer, long values)
    {
        var found = BatchNormMap.FindSmallest(Zoo.Build(name, new ModelOptions { InputSize = side }));
        Assert.Equal((layer == "none", values), (found is null, found?.ValuesPerImage ?? 0));
        Assert.Equal(layer is null or "none" ? found?.Layer : layer, found?.Layer);
    }

    [Fact]
    public void Batch_norms_of_frozen_groups_do_not_count()
    {
        var architecture = Zoo.Build("resnet18", new ModelOptions { InputSize = 32 });
        Assert.NotNull(BatchNormMap.FindSmallest(architecture, Learner.Groups(architecture) - 2));
        Assert.Null(BatchNormMap.FindSmallest(architecture, Learner.Groups(architecture) - 1));
    }

    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(1, 2, 1, true)]
    [InlineData(1, 3, 2, false)]
    [InlineData(1, 4, 2, true)]
    [InlineData(1, 2, 9, false)]
    [InlineData(4, 1, 1, true)]
    [InlineData(1, 0, 1, true)]
    public void A_batch_is_allowed_if_its_smallest_part_has_more_than_one_value(long values, int images, int parts, bool allowed) =>
        Assert.Equal(allowed, new BatchNormMap("bn", values).Allows(images, parts));

    [Fact]
    public void A_batch_norm_refuses_a_single_value_per_channel_in_training_and_only_there()
    {
        using var scope = torch.NewDisposeScope();
        var root = ParameterScope.Root();
        var norm = Nn.BatchNorm2d(root["bn"], 3);
        torch.Tensor[] weights = [torch.ones(3), torch.zeros(3), torch.zeros(3), torch.ones(3), torch.zeros(1, torch.int64)];
        var one = torch.rand(1, 3, 1, 1);
        var refused = Assert.Throws<RefusalException>(() => norm.Compute(new ForwardContext(weights) { Training = true }, one));
        Assert.StartsWith(
            "Expected more than 1 value per channel when training, got (1, 3, 1, 1) in the batch norm bn", refused.Message, StringComparison.Ordinal);
        Assert.Equal(one.shape, norm.Compute(new ForwardContext(weights), one).shape);
        Assert.Equal(one.shape, norm.Compute(new ForwardContext(weights) { Training = true, Frozen = [true, true, true, true, true] }, one).shape);
        foreach (var several in new[] { torch.rand(2, 3, 1, 1), torch.rand(1, 3, 1, 2) })
        {
            Assert.True(norm.Compute(new ForwardContext(weights) { Training = true }, several).isfinite().all().IsTrue());
        }
    }
}
