using FsCheck.Xunit;
using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Precision;

public class GradScalerTests
{
    [Property]
    public void The_scale_moves_as_PyTorchs_does(bool[] steps)
    {
        var options = new GradScalerOptions { InitialScale = 1024, GrowthInterval = 3 };
        var scaler = new GradScaler(options, enabled: true);
        // torch/amp/grad_scaler.py and its kernel: an overflow halves and resets the tracker; the third good step in a row doubles.
        var (scale, tracker, skipped) = (1024.0f, 0, 0);
        foreach (var finite in steps)
        {
            Assert.Equal(finite, scaler.Update(finite));
            if (!finite)
            {
                (scale, tracker, skipped) = (scale * 0.5f, 0, skipped + 1);
            }
            else if (++tracker == 3)
            {
                (scale, tracker) = (float.IsFinite(scale * 2) ? scale * 2 : scale, 0);
            }

            Assert.Equal(scale, (float)scaler.Scale);
            Assert.Equal(tracker, scaler.GoodSteps);
            Assert.Equal(skipped, scaler.SkippedSteps);
        }
    }

    [Fact]
    public void A_scale_that_would_overflow_stays()
    {
        var scaler = new GradScaler(new GradScalerOptions { InitialScale = 2e38, GrowthInterval = 1 }, enabled: true);
        Assert.True(scaler.Update(true));
        Assert.Equal(2e38, scaler.Scale);
    }

    [Fact]
    public void Without_float16_the_scale_is_one_and_bad_steps_are_still_skipped()
    {
        var scaler = new GradScaler(new GradScalerOptions(), enabled: false);
        Assert.False(scaler.Update(false));
        Assert.True(scaler.Update(true));
        Assert.Equal((1.0, 1L), (scaler.Scale, scaler.SkippedSteps));
    }

    [Fact]
    public void A_step_with_an_infinite_gradient_is_skipped_and_the_next_one_learns()
    {
        // float16 runs on the CPU too, slowly: enough to see the scaler at work on real gradients.
        using var learner = SmallModels.Learner(ComputePrecision.Float16, SmallModels.Perceptron());
        using var scope = torch.NewDisposeScope();
        using var batch = SmallModels.Batch(6);
        var architecture = learner.Model.Architecture;
        var images = Normalize.ToDevice(batch, architecture.Preprocessing, torch.CPU);
        var targets = torch.tensor(new long[] { 0, 1, 2, 0, 1, 2 });
        var before = SmallModels.Values(learner.Model.Parameters);
        var scale = learner.Scaler.Scale;

        // Images that overflow float16 make infinite activations.
        var bad = learner.Step(images * Keep(1e30), targets, 1e-3);
        Assert.False(bad.Stepped);
        Assert.Equal(before, SmallModels.Values(learner.Model.Parameters));
        Assert.All(SmallModels.Values(learner.Model.Gradients!), g => Assert.Equal(0, g));
        Assert.Equal(scale / 2, learner.Scaler.Scale);

        StepOutcome good = default;
        for (var attempt = 0; attempt < 10 && !good.Stepped; attempt++)
        {
            good = learner.Step(images, targets, 1e-3);
        }

        Assert.True(good.Stepped);
        Assert.NotEqual(before, SmallModels.Values(learner.Model.Parameters));
        Assert.All(SmallModels.Values(learner.Model.Parameters), p => Assert.True(float.IsFinite(p)));
    }

    [Fact]
    public void Scaled_float16_learns_as_float32_does()
    {
        using var batch = SmallModels.Batch(12);
        using var plain = SmallModels.Learner(of: SmallModels.Perceptron());
        using var half = SmallModels.Learner(ComputePrecision.Float16, SmallModels.Perceptron());
        // An initial scale that is too high for this network only skips the first steps.
        for (var attempt = 0; attempt < 20 && half.Optimizer.Steps == 0; attempt++)
        {
            half.Step(batch, 1e-3);
        }

        plain.Step(batch, 1e-3);
        var (expected, actual) = (SmallModels.Losses(plain, batch, 6), SmallModels.Losses(half, batch, 6));
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.05 * expected[0]));
    }
}
