using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Models.Layers;

/// <summary>Rotary position embeddings of queries and keys.</summary>
public class RotaryEmbeddingTests
{
    // The product of two tokens depends on their relative position only.
    [Theory]
    [InlineData("axial")]
    [InlineData("centred")]
    [InlineData("learned")]
    public void Rotated_queries_and_keys_depend_on_their_relative_position_only(string kind)
    {
        const int Side = 6;
        const int Heads = 3;
        const int Width = 8;
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var root = ParameterScope.Root();
        var frequencies = Nn.RotaryFrequencies(root["rope"], 2, Heads, Width, 10);
        var embedding = kind switch
        {
            "axial" => Nn.FixedRotaryEmbedding(new() { Temperature = 100, Offset = 1, ColumnFirst = true }, Side, Width, prefix: 2),
            "centred" => Nn.FixedRotaryEmbedding(new() { Temperature = 100, Centred = true }, Side, Width, prefix: 2),
            _ => Nn.LearnedRotaryEmbedding(frequencies, 1, Side, prefix: 2),
        };
        var random = new torch.Generator(3);
        var pass = new ForwardContext([torch.randn([2, 2, Heads, Width / 2], torch.float64, generator: random)]);

        // All positions have the same query and the same key.
        var (query, key) = (Everywhere(), Everywhere());
        var rotated = embedding(pass, new(query), new(key));
        var (rotatedQuery, rotatedKey) = (rotated.Query.Tensor, rotated.Key.Tensor);
        Assert.True(query.narrow(2, 0, 2).Same(rotatedQuery.narrow(2, 0, 2)));
        Assert.True(rotatedQuery.norm(3).allclose(query.norm(3)));
        var alike = rotatedQuery.narrow(2, 2, Side * Side).matmul(rotatedKey.narrow(2, 2, Side * Side).transpose(2, 3));
        for (var head = 0; head < Heads; head++)
        {
            var (near, moved) = (alike[0, head, At(0, 1), At(2, 0)].item<double>(), alike[0, head, At(3, 4), At(5, 3)].item<double>());
            Assert.Equal(near, moved, 1e-5);
            Assert.NotEqual(near, alike[0, head, At(2, 0), At(0, 1)].item<double>(), 1e-5);
        }

        static int At(int row, int column) => (row * Side) + column;

        torch.Tensor Everywhere() =>
            torch.randn([1, Heads, 1, Width], torch.float64, generator: random).expand(1, Heads, 2 + (Side * Side), Width).contiguous();
    }

    [Fact]
    public void Learned_frequencies_start_as_two_sets_of_bands_at_right_angles_rotated_by_one_angle_per_head()
    {
        var architecture = Zoo.Build("vit_small_patch16_rope_mixed_224", new() { Classes = 2, InputSize = 32 });
        using var scope = torch.NewDisposeScope();
        using var weights = ModelWeights.Fresh(architecture, 4);

        // 12 blocks with 6 heads of 64 channels, which have 2 sets of 16 bands.
        var frequencies = weights["rope.freqs"];
        Assert.Equal([2L, 12L, 6L, 32L], frequencies.shape);
        var expected = torch.tensor(Enumerable.Range(0, 16).Select(i => (float)Math.Pow(10, -i / 16.0)).ToArray());
        var (first, second) = (frequencies.narrow(3, 0, 16), frequencies.narrow(3, 16, 16));
        Assert.True(first[0].pow(Keep(2)).Plus(first[1].pow(Keep(2))).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True(second[0].pow(Keep(2)).Plus(second[1].pow(Keep(2))).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True((first[0] * second[0]).Plus(first[1] * second[1]).abs().max().item<float>() < 1e-6);
        var angles = torch.atan2(first[1], first[0])[.., .., 0].flatten().data<float>().ToArray();
        Assert.Equal(72, angles.Distinct().Count());
        Assert.InRange(angles.Average(), -0.7, 0.7);
    }
}
