using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public sealed class RemainingTimeTests
{
    [Fact]
    public void The_rest_is_that_of_this_epoch_its_validation_and_the_epochs_to_come()
    {
        var remaining = new RemainingTime(1000, 300);
        // 0.1 s an image: 20 s of this epoch, 10 s of validation, and two epochs of 110 s, or as long as the last one.
        Assert.Equal(250, remaining.Estimate(0.1, 200, 2, null).TotalSeconds, 1e-9);
        Assert.Equal(130, remaining.Estimate(0.1, 200, 2, 50).TotalSeconds, 1e-9);
    }

    [Property(MaxTest = 100)]
    public void The_estimate_falls_with_every_image(PositiveInt images, PositiveInt epochs)
    {
        var remaining = new RemainingTime(images.Get + 1, 10);
        Assert.True(remaining.Estimate(0.01, images.Get, epochs.Get, null) < remaining.Estimate(0.01, images.Get + 1, epochs.Get, null));
    }
}
