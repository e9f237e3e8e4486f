using SketchFlow.Data.Machine;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training;

/// <summary>Mixup and CutMix: shares of images and of targets agree.</summary>
public sealed class MixingTests
{
    [Theory]
    [InlineData(0.4, 0)]
    [InlineData(0, 1)]
    [InlineData(0.8, 1)]
    [InlineData(5, 0.1)]
    public void The_targets_share_is_the_images_share(double mixup, double cutmix)
    {
        using var scope = torch.NewDisposeScope();
        var options = new MixingOptions { Mixup = mixup, Cutmix = cutmix };

        // All pixels of an image have the number of its class, so that the mean of a mixed image must equal the mean of its soft target.
        var targets = torch.tensor(new long[] { 0, 1, 2, 3, 4, 5 });
        var images = targets.to(torch.float32).reshape(6, 1, 1, 1).expand(6, 3, 24, 20).contiguous();
        var seen = new HashSet<float>();
        for (var step = 0; step < 40; step++)
        {
            var (mixed, soft) = Mixing.Apply(options, images, targets, 6, KeyedRandom.For(1, 0, step, "mixing"));
            Assert.Equal(images.shape, mixed.shape);
            Assert.Equal([6L, 6L], soft.shape);
            Assert.True(soft.sum(1).sub(Keep(1)).abs().max().AsDouble() < 1e-5F);
            Assert.True(soft.min().AsDouble() >= 0);
            var expected = soft.mv(torch.arange(Keep(0), Keep(6), Keep(1)).to(torch.float32));
            Assert.True(mixed.mean([1, 2, 3]).sub(expected).abs().max().AsDouble() < 1e-4F);
            seen.Add(soft[0, 0].item<float>());
        }

        Assert.True(seen.Count > 10);
        Assert.Equal(5, images.max().AsDouble());
    }

    [Fact]
    public void No_strength_and_no_probability_leave_images_and_targets()
    {
        using var scope = torch.NewDisposeScope();
        var (images, targets) = (torch.rand(4, 3, 8, 8), torch.tensor(new long[] { 3, 0, 1, 1 }));
        foreach (var options in new[] { new MixingOptions(), new MixingOptions { Mixup = 1, P = 0 } })
        {
            Assert.False(options.IsOn);
            var (mixed, soft) = Mixing.Apply(options, images, targets, 4, KeyedRandom.For(1, 0, 0, "mixing"));
            Assert.True(mixed.Equals(images));
            Assert.True(soft.argmax(1).Equals(targets));
        }
    }

    [Fact]
    public void The_same_step_mixes_alike_and_the_next_otherwise()
    {
        using var scope = torch.NewDisposeScope();
        var options = new MixingOptions { Mixup = 0.5 };
        var (images, targets) = (torch.rand(4, 3, 8, 8), torch.tensor(new long[] { 3, 0, 1, 2 }));
        var first = Mixing.Apply(options, images, targets, 4, KeyedRandom.For(1, 0, 5, "mixing")).Images;
        Assert.True(first.Equals(Mixing.Apply(options, images, targets, 4, KeyedRandom.For(1, 0, 5, "mixing")).Images));
        Assert.False(first.Equals(Mixing.Apply(options, images, targets, 4, KeyedRandom.For(1, 0, 6, "mixing")).Images));
    }
}
