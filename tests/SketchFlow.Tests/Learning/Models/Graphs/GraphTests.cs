using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Models.Graphs;

/// <summary>Forward passes that are recorded without being computed.</summary>
public class GraphTests
{
    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void A_replay_gives_the_same_bits_as_the_model_and_every_inferred_shape_is_right(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var weights = ModelWeights.Fresh(architecture, 1);
        var images = Images(3, size);
        var expected = architecture.Forward(new ForwardContext(weights.Tensors), images.clone());
        using var graph = architecture.Record(3);
        var wrong = new List<string>();
        var found = graph.Run(weights.Tensors, images, (node, inputs) =>
        {
            if (!inputs.Select(i => i.shape).SequenceEqual(node.Inputs.Select(i => i.Shape.ToArray()), new SameShape()))
            {
                wrong.Add($"{node}: {string.Join(" ", inputs.Select(i => $"({string.Join(", ", i.shape)})"))}");
            }
        });
        Assert.Empty(wrong);
        Assert.True(expected.Same(found));
        Assert.Equal([3L, 7L], graph.Output.Shape);
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void Every_convolution_matrix_product_and_attention_belongs_to_one_named_layer(string name, int size)
    {
        using var graph = ZooTests.Build(name, new() { Classes = 7, InputSize = size }).Record();
        var named = graph.Layers.Select(layer => layer.Product).OfType<Node>().ToList();
        Assert.Equal(named.Count, named.Distinct().Count());
        Assert.Empty(graph.Nodes.Where(node => node.Operation.IsProduct).Except(named).Select(node => node.ToString()));
    }

    [Theory]
    [InlineData("swin_tiny_patch4_window7_224")]
    [InlineData("maxvit_tiny_tf_224")]
    [InlineData("eva02_tiny_patch14_336")]
    [InlineData("tf_efficientnet_cc_b0_4e")]
    public void The_number_of_images_is_not_frozen_in_weights_or_constants(string name)
    {
        var architecture = Zoo.Build(name);
        const long Prime = 10_007;
        using var one = architecture.Record();
        using var many = architecture.Record((int)Prime);
        Assert.Equal(one.Nodes.Length, many.Nodes.Length);
        foreach (var (a, b) in one.Nodes.Zip(many.Nodes).Where(pair => pair.First.Operation is Operation.Constant or Operation.Weight))
        {
            Assert.Equal(a.Shape, b.Shape);
        }
    }

    [Fact]
    public void A_tap_receives_the_live_output_of_every_named_layer_with_its_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var architecture = Zoo.Build("resnet10t", new() { Classes = 7, InputSize = 32 });
        using var weights = ModelWeights.Fresh(architecture, 1);
        var images = Images(2, 32).requires_grad_(true);
        var seen = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var plain = architecture.Forward(new ForwardContext(weights.Tensors), images);
        var logits = architecture.Forward(new ForwardContext(weights.Tensors) { Tap = (name, output) => seen.Add(name, output) }, images);
        using var graph = architecture.Record(2);
        Assert.Equal(graph.Layers.Select(layer => layer.Name), seen.Keys);
        Assert.True(logits.Same(seen["fc"]));
        Assert.Equal(0, (logits - plain).abs().max().item<float>());
        var map = seen["layer4.0.bn2"];
        Assert.Equal(graph.Layers.Single(layer => layer.Name == "layer4.0.bn2").Output.Shape, map.shape);
        var gradient = torch.autograd.grad([logits[0, 3]], [map], allow_unused: true)[0];
        Assert.True(gradient.abs().sum().item<float>() > 0);
        Assert.All(seen.Values, output => output.Dispose());
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void A_tap_receives_the_live_probabilities_of_every_attention_with_their_gradients(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var graph = architecture.Record(2);
        var layers = graph.Layers.Where(layer => layer.Kind == LayerKind.Attention).ToList();
        // Fresh weights have zeros at the end of some branches, through which no gradient flows.
        using var weights = ModelWeights.Fresh(architecture, 1);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            ParityCheck.Fill(tensor, spec, gain: 1);
        }

        var images = Images(2, size).requires_grad_(true);
        var seen = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var fused = architecture.Forward(new ForwardContext(weights.Tensors), images);
        var logits = architecture.Forward(new ForwardContext(weights.Tensors) { AttentionTap = seen.Add }, images);
        Assert.Equal(layers.Select(layer => layer.Name), seen.Keys);
        Assert.InRange((logits - fused).abs().max().item<float>(), 0, 1e-5 * fused.abs().max().item<float>());
        if (seen.Count == 0)
        {
            Assert.True(fused.Same(logits));
            return;
        }

        var gradients = torch.autograd.grad([logits[0].max()], [.. seen.Values], allow_unused: true);
        foreach (var ((layer, probabilities), gradient) in layers.Zip(seen.Values).Zip(gradients))
        {
            Assert.Equal(ProbabilitiesOf(layer), probabilities.shape);
            Assert.Equal([2L * layer.Tokens!.Groups, layer.Tokens.Count], [probabilities.shape[0], probabilities.shape[3]]);
            Assert.InRange(probabilities.sum(-1).sub(Keep(1)).abs().max().item<float>(), 0, 1e-5F);
            Assert.True(probabilities.min().item<float>() >= 0, layer.Name);
            Assert.True(gradient is not null && gradient.isfinite().all().item<bool>(), layer.Name);
            Assert.True(gradient.abs().max().item<float>() > 0, layer.Name);
            Assert.Equal(0, gradient.reshape(2, -1)[1].abs().max().item<float>());
        }

        Assert.All(seen.Values, probabilities => probabilities.Dispose());
    }

    // Shape of the probabilities by the recorded graph: of the queries and keys, or of the weights that a product applies to pixels.
    private static long[] ProbabilitiesOf(GraphLayer layer)
    {
        var first = layer.Product!.Inputs[0].Shape.ToArray();
        return layer.Product.Operation is Operation.Attention
            ? [.. first[..3], layer.Product.Inputs[1].Shape[2]]
            : [first[0], 1, .. first[1..]];
    }

    private static torch.Tensor Images(long count, long size) => torch.randn([count, size, size, 3], generator: new torch.Generator(5)).permute(0, 3, 1, 2);

    private sealed class SameShape : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(long[] shape) => shape.Length;
    }
}
