using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Tests.Learning.Models.Catalog;

namespace SketchFlow.Tests.Learning.Models.Profiling;

/// <summary>Operations recorded from a model's own forward pass.</summary>
public class TracedOperationTests
{
    [Fact]
    public void A_convolution_is_recorded_with_stride_padding_groups_and_memory_layout()
    {
        var layers = OperationTrace.Record(Zoo.Build("resnext50_32x4d", new() { Classes = 7, InputSize = 64 }), images: 2);
        var stem = layers[0].Operation;
        Assert.Equal(LayerKind.Convolution, stem.Kind);
        Assert.Equal(TensorLayout.ChannelsLast(2, 3, 64, 64), stem.Operands[0]);
        Assert.Equal(TensorLayout.ChannelsLast(64, 3, 7, 7), stem.Operands[1]);
        Assert.Equal(new ConvolutionGeometry(2, 2, 3, 3, 1), stem.Geometry);
        Assert.Null(stem.Bias);
        Assert.Equal("conv2d (2, 3, 64, 64) x (64, 3, 7, 7), stride 2", stem.ToString());
        Assert.Equal(32, layers.Single(l => l.Layer.Name == "layer1.0.conv2").Operation.Geometry!.Groups);
        var classifier = layers[^1].Operation;
        Assert.Equal("linear (2, 2048) x (7, 2048), bias", classifier.ToString());
        Assert.DoesNotContain(layers, l => l.Layer.Kind == LayerKind.Normalization);
    }

    [Fact]
    public void Attention_keeps_the_strides_of_queries_that_are_views_of_one_matrix()
    {
        var layers = OperationTrace.Record(Zoo.Build("vit_tiny_patch16_224", new() { InputSize = 32 }), images: 2);
        var attention = layers.First(l => l.Layer.Kind == LayerKind.Attention).Operation;
        Assert.Equal([2L, 3, 5, 64], attention.Operands[0].Shape);
        Assert.Equal([5 * 3 * 192L, 64, 3 * 192, 1], attention.Operands[0].Strides);
        Assert.Null(attention.Bias);
    }

    [Fact]
    public void A_linear_layer_stored_as_a_convolution_runs_as_a_convolution_over_images()
    {
        var (layer, operation) = OperationTrace.Record(Zoo.Build("convnext_atto", new() { InputSize = 32 }), 1)
            .Single(l => l.Layer.Name == "stages.0.blocks.0.mlp.fc1");
        Assert.Equal(LayerKind.Linear, layer.Kind);
        Assert.Equal(LayerKind.Convolution, operation.Kind);
        Assert.Equal([160L, 40, 1, 1], operation.Operands[1].Shape);
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void Work_is_proportional_to_the_number_of_images_and_equal_operations_do_equal_work(string name, int size)
    {
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        var (one, three) = (FlopCounter.Count(architecture), FlopCounter.Count(architecture, images: 3));

        // The bias networks of Swin V2 and the learned query of SigLIP do not depend on the images.
        Assert.InRange(three.MultiplyAdds, one.MultiplyAdds, 3 * one.MultiplyAdds);
        Assert.InRange(three.MultiplyAdds / (double)one.MultiplyAdds, 2.5, 3);
        foreach (var same in OperationTrace.Record(architecture, 3).GroupBy(l => l.Operation))
        {
            Assert.Single(same.Select(l => l.Layer.MultiplyAdds).Distinct());
        }
    }
}
