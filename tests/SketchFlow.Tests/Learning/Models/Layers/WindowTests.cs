using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Models.Layers;

/// <summary>Windows, grids and biases for relative positions.</summary>
public class WindowTests
{
    [Fact]
    public void Windows_and_grids_are_partitioned_as_defined_and_joined_again()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.arange(Keep(0), Keep(2 * 6 * 6 * 3), Keep(1)).reshape(2, 6, 6, 3);
        var (windows, grid) = (Nn.ToWindows(new(x), 3).Tensor, Nn.ToGrid(new(x), 3).Tensor);
        Assert.Equal([8L, 9L, 3L], windows.shape);
        for (var i = 0; i < 2 * 36; i++)
        {
            var (n, r, c) = (i / 36, i / 6 % 6, i % 6);
            Assert.True(x[n, r, c].Same(windows[(n * 4) + (r / 3 * 2) + (c / 3), (r % 3 * 3) + (c % 3)]));
            Assert.True(x[n, r, c].Same(grid[(n * 4) + (r % 2 * 2) + (c % 2), (r / 2 * 3) + (c / 2)]));
        }

        Assert.True(x.Same(Nn.FromWindows(new(windows), 3, 6).Tensor));
        Assert.True(x.Same(Nn.FromGrid(new(grid), 3, 6).Tensor));
    }

    [Fact]
    public void Biases_for_relative_positions_are_resized_like_timms()
    {
        // timm's _calc for 13 to 23 positions: a geometric sequence with a ratio above 1 that keeps the middle and reaches the ends.
        var positions = RelativePositionResize.SourcePositions(13, 23);
        Assert.Equal(0, positions[6]);
        Assert.Equal(1, positions[7]);
        Assert.Equal(-1, positions[5]);
        Assert.Equal(11, positions[12], 1e-3f);
        Assert.All(Enumerable.Range(1, 5), i =>
            Assert.Equal((positions[8] - positions[7]) / 1, (positions[7 + i] - positions[6 + i]) / MathF.Pow(positions[8] - positions[7], i - 1), 1e-3f));

        // Constant values, and values that are linear near the middle, are preserved.
        float[] constant = [.. Enumerable.Repeat(0.25f, 169)];
        Assert.All(RelativePositionResize.Stretch(constant, 13, 23), v => Assert.Equal(0.25f, v, 1e-6f));
        float[] slope = [.. Enumerable.Range(0, 169).Select(i => positions[i % 13] + (2 * positions[i / 13]))];
        var stretched = RelativePositionResize.Stretch(slope, 13, 23);
        for (var i = 0; i < stretched.Length; i++)
        {
            Assert.Equal((i % 23) - 11 + (2 * ((i / 23) - 11)), stretched[i], 1e-2f);
        }
    }

    [Theory]
    [InlineData("swin_tiny_patch4_window7_224", 64, 128)]
    [InlineData("maxvit_pico_rw_256", 64, 96)]
    [InlineData("maxvit_tiny_tf_224", 32, 64)]
    [InlineData("coatnet_nano_rw_224", 64, 96)]
    public void Weights_of_another_image_size_are_loaded_with_resized_bias_tables(string name, int from, int to)
    {
        var file = Path.GetTempFileName();
        try
        {
            var small = Zoo.Build(name, new() { Classes = 3, InputSize = from });
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                fresh.Save(file);
            }

            var large = Zoo.Build(name, new() { Classes = 3, InputSize = to });
            var (weights, report) = ModelWeights.Load(large, file, 0);
            using (weights)
            {
                var changed = small.Tensors.Zip(large.Tensors).Where(p => !p.First.Shape.SequenceEqual(p.Second.Shape)).Select(p => p.Second.Name).ToList();
                Assert.NotEmpty(changed);
                Assert.Equal(changed, report.Resampled);
                Assert.All(changed, n => Assert.EndsWith("relative_position_bias_table", n, StringComparison.Ordinal));
                Assert.All(changed, n => Assert.InRange(weights[n].std().item<float>(), 0.005f, 0.03f));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Rows_for_pairs_with_the_class_token_are_copied_unchanged()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            var small = Zoo.Build("beitv2_base_patch16_224", new() { Classes = 3, InputSize = 48 });
            const string Table = "blocks.0.attn.relative_position_bias_table";
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                // 5 x 5 positions, then the pairs with the class token as query, as key and as both; each head has its own values.
                var heads = torch.arange(Keep(0), Keep(12), Keep(1), torch.float32);
                fresh[Table].fill_(Keep(0.5)).Increase(heads);
                fresh[Table].narrow(0, 25, 3).copy_(torch.arange(Keep(1), Keep(4), Keep(1), torch.float32).unsqueeze(1).Plus(heads));
                fresh.Save(file);
            }

            var (weights, _) = ModelWeights.Load(Zoo.Build("beitv2_base_patch16_224", new() { Classes = 3, InputSize = 96 }), file, 0);
            using (weights)
            {
                var table = weights[Table] - torch.arange(Keep(0), Keep(12), Keep(1), torch.float32);
                Assert.Equal([124L, 12L], table.shape);
                Assert.True(table.narrow(0, 0, 121).allclose(torch.full([121, 12], Keep(0.5))));
                Assert.True(table.narrow(0, 121, 3).allclose(torch.arange(Keep(1), Keep(4), Keep(1), torch.float32).unsqueeze(1).expand(3, 12)));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("swin_tiny_patch4_window7_224", 100, "96 or 128")]
    [InlineData("maxvit_tiny_tf_224", 240, "224 or 256")]
    [InlineData("coatnet_0_224", 240, "224 or 256")]
    [InlineData("vit_pe_core_large_patch14_336", 320, "308 or 322")]
    public void Sizes_that_would_leave_part_of_a_token_are_refused(string name, int size, string instead)
    {
        var refusal = Assert.Throws<RefusalException>(() => Zoo.Build(name, new() { InputSize = size }));
        Assert.Contains(instead, refusal.Message, StringComparison.Ordinal);
    }
}
