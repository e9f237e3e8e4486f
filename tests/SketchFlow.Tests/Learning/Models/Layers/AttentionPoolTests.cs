using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Families;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Models.Layers;

/// <summary>Attention pooling with a position embedding (CLIP's ResNets).</summary>
public class AttentionPoolTests
{
    private static readonly ByobResNet.Config Byob = new() { Depths = [2, 1, 1, 1], Widths = [32, 32, 64, 64], Stem = [4, 4, 8] };

    [Fact]
    public void Positions_of_an_attention_pooling_are_resampled_for_another_image_size()
    {
        var config = Byob with { AverageDown = true, StemPool = ByobResNet.StemPool.Average, AttentionPooling = true };
        var file = Path.GetTempFileName();
        try
        {
            var (small, large) = (Sized(64), Sized(128));
            using var positions = torch.arange(Keep(0), Keep(5 * 64), Keep(1), torch.float32).reshape(5, 64);
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                // The position of the mean first, then those of the pixels.
                fresh["head.pos_embed"].copy_(positions);
                fresh.Save(file);
            }

            var (weights, report) = ModelWeights.Load(large, file, 0);
            using (weights)
            {
                Assert.Equal(["head.pos_embed"], report.Resampled);
                var found = weights["head.pos_embed"];
                Assert.Equal([17L, 64L], found.shape);
                Assert.True(found[0].Same(positions[0]));

                // A linear function stays linear between the pixel centres, except for bicubic edge effects.
                Assert.Equal(positions.narrow(0, 1, 4).mean().item<float>(), found.narrow(0, 1, 16).mean().item<float>(), 1e-2f);
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
    public void Sizes_that_are_no_multiple_of_the_reduction_are_refused_with_attention_pooling()
    {
        var refusal = Assert.Throws<RefusalException>(() => Zoo.Build("resnet50_clip", new() { InputSize = 100 }));
        Assert.Contains("96 or 128", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(100, Zoo.Build("resnet50_clip_gap", new() { InputSize = 100 }).InputSize);
    }
}
