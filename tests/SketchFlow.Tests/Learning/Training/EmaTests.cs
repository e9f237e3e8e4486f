using SketchFlow.Data.Images;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Training;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training;

public class EmaTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_average_equals_timms_in_float64_over_a_hundred_steps(bool byTensors)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        var options = new EmaOptions { Decay = 0.97, StartAfter = 3 };
        using var ema = new Ema(options, model) { ByTensors = byTensors };
        var expected = SmallModels.Values(model.Parameters).Select(v => (double)v).ToArray();
        for (var step = 1; step <= 100; step++)
        {
            using var inner = torch.NewDisposeScope();
            model.Parameters.mul_(Keep(1 + (0.01 * Math.Sin(step))));
            ema.Update(model, step);
            // ModelEmaV3.get_decay and update.
            var since = Math.Max(0, step - 3 - 1);
            var decay = since <= 0 ? 0 : Math.Min(1 - Math.Pow(1 + since, -2.0 / 3), 0.97);
            var values = SmallModels.Values(model.Parameters);
            for (var i = 0; i < expected.Length; i++)
            {
                expected[i] = (expected[i] * decay) + (values[i] * (1 - decay));
            }
        }

        Assert.All(SmallModels.Values(ema.Model.Parameters).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-7));
    }

    [Fact]
    public void The_decay_warms_up_as_timms_does()
    {
        var options = new EmaOptions { Decay = 0.9999 };
        Assert.Equal(0, options.DecayAt(1));
        Assert.Equal(1 - Math.Pow(2, -2.0 / 3), options.DecayAt(2), 1e-12);
        Assert.Equal(0.99, options.DecayAt(1000), 1e-12);
        Assert.Equal(0.9999, options.DecayAt(10_000_000));
        Assert.Equal([0, 0.9999], new[] { 1L, 2 }.Select((options with { Warmup = false }).DecayAt));
        Assert.Equal(0.5, (options with { MinDecay = 0.5 }).DecayAt(2));
        Assert.False(new EmaOptions().IsOn);
    }

    [Fact]
    public void Running_statistics_are_averaged_and_counters_copied()
    {
        var architecture = SmallModels.Network();
        var options = new LearnerOptions { Ema = new EmaOptions { Decay = 0.9, Warmup = false } };
        using var learner = new Learner(options, SmallModels.Model(architecture), architecture.Preprocessing);
        using var batch = SmallModels.Batch(6);
        learner.Step(batch, 1e-3);
        var before = SmallModels.Values(learner.Average!.Model.Statistics);
        learner.Step(batch, 1e-3);
        var now = SmallModels.Values(learner.Model.Statistics);
        var average = SmallModels.Values(learner.Average.Model.Statistics);
        for (var i = 0; i < now.Length; i++)
        {
            Assert.Equal((0.9 * before[i]) + (0.1 * now[i]), average[i], 1e-6 * (1 + Math.Abs(now[i])));
        }

        Assert.Equal(2, learner.Average.Model.Counters[0].item<long>());
    }
}
