using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models.Layers;

/// <summary>Rotations of queries and keys by their places.</summary>
public class RotaryEmbeddingTests
{
    // What two tokens have in common depends on how far apart they lie, not on where they lie.
    [Theory]
    [InlineData("axial")]
    [InlineData("centred")]
    [InlineData("learned")]
    public void Turned_queries_and_keys_know_the_way_between_their_places_alone(string kind)
    {
        const int Side = 6;
        const int Heads = 3;
        const int Width = 8;
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var root = ParameterScope.Root();
        var speeds = Nn.RotationSpeeds(root["rope"], 2, Heads, Width, 10);
        var rotation = kind switch
        {
            "axial" => Nn.Rotation(new() { Temperature = 100, Offset = 1, ColumnFirst = true }, Side, Width, prefix: 2),
            "centred" => Nn.Rotation(new() { Temperature = 100, Centred = true }, Side, Width, prefix: 2),
            _ => Nn.LearnedRotation(speeds, 1, Side, prefix: 2),
        };
        var random = new torch.Generator(3);
        var pass = new ForwardContext([torch.randn([2, 2, Heads, Width / 2], torch.float64, generator: random)]);

        // The same query, and the same key, stand at all places.
        var (query, key) = (Everywhere(), Everywhere());
        var (turnedQuery, turnedKey) = rotation(pass, query, key);
        Assert.True(query.narrow(2, 0, 2).Same(turnedQuery.narrow(2, 0, 2)));
        Assert.True(turnedQuery.norm(3).allclose(query.norm(3)));
        var alike = turnedQuery.narrow(2, 2, Side * Side).matmul(turnedKey.narrow(2, 2, Side * Side).transpose(2, 3));
        for (var head = 0; head < Heads; head++)
        {
            var (near, moved) = (alike[0, head, At(0, 1), At(2, 0)].item<double>(), alike[0, head, At(3, 4), At(5, 3)].item<double>());
            Assert.Equal(near, moved, 1e-5);
            Assert.NotEqual(near, alike[0, head, At(2, 0), At(0, 1)].item<double>(), 1e-5);
        }

        static int At(int row, int column) => (row * Side) + column;

        torch.Tensor Everywhere() => torch.randn([1, Heads, 1, Width], torch.float64, generator: random).expand(1, Heads, 2 + (Side * Side), Width).contiguous();
    }

    [Fact]
    public void Learned_speeds_start_as_two_sets_of_bands_at_right_angles_and_each_head_is_turned_by_its_own_angle()
    {
        var architecture = Zoo.Build("vit_small_patch16_rope_mixed_224", new() { Classes = 2, InputSize = 32 });
        using var scope = torch.NewDisposeScope();
        using var weights = ModelWeights.Fresh(architecture, 4);

        // 12 blocks of 6 heads of 64 channels: 16 bands, twice.
        var speeds = weights["rope.freqs"];
        Assert.Equal([2L, 12L, 6L, 32L], speeds.shape);
        var expected = torch.pow(10, -torch.arange(16) / 16.0).to(torch.float32);
        var (first, second) = (speeds.narrow(3, 0, 16), speeds.narrow(3, 16, 16));
        Assert.True((first[0].square() + first[1].square()).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True((second[0].square() + second[1].square()).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True(((first[0] * second[0]) + (first[1] * second[1])).abs().max().item<float>() < 1e-6);
        var angles = torch.atan2(first[1], first[0])[.., .., 0].flatten().data<float>().ToArray();
        Assert.Equal(72, angles.Distinct().Count());
        Assert.InRange(angles.Average(), -0.7, 0.7);
    }
}
