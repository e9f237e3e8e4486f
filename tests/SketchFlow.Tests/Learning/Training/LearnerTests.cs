using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training;

public class LearnerTests
{
    public static TheoryData<string> Kinds => [.. KindRegistry.Known(typeof(Optimizer)).Keys];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(99)]
    public void Parts_of_a_batch_make_the_step_of_the_whole(int parts)
    {
        using var batch = SmallModels.Batch(7);
        foreach (var mixup in new[] { 0.0, 0.4 })
        {
            var options = new LearnerOptions
            {
                Loss = new CrossEntropy { ClassWeights = [1, 2, 0.5], LabelSmoothing = 0.1 },
                Optimizer = new Sgd(),
                Mixing = new MixingOptions { Mixup = mixup },
            };
            using var whole = Learner(options);
            using var parted = Learner(options with { Accumulation = parts });
            for (var step = 0; step < 3; step++)
            {
                var (a, b) = (whole.Step(batch, 0.1), parted.Step(batch, 0.1));
                Assert.Equal(a.Loss, b.Loss, 1e-5);
                Assert.Equal((a.Correct, a.Count), (b.Correct, b.Count));
                Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-4 * a.GradientNorm);
            }

            Assert.All(SmallModels.Values(whole.Model.Parameters).Zip(SmallModels.Values(parted.Model.Parameters)), p => Assert.Equal(p.First, p.Second, 1e-5));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(1, 0.4)]
    [InlineData(3, 0.4)]
    public void Weights_of_1_make_the_step_without_weights_and_others_another(int parts, double mixup)
    {
        using var batch = SmallModels.Batch(7);
        var options = new LearnerOptions { Optimizer = new Sgd(), Mixing = new MixingOptions { Mixup = mixup }, Accumulation = parts };
        using var plain = Learner(options);
        using var ones = Learner(options);
        using var others = Learner(options);
        var (a, b) = (plain.Step(batch, 0.1), ones.Step(batch, 0.1, [1, 1, 1, 1, 1, 1, 1]));
        var c = others.Step(batch, 0.1, [0, 3, 0, 1, 0, 2, 1]);
        Assert.Equal(a.Loss, b.Loss, 1e-5);
        Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-4 * a.GradientNorm);
        Assert.NotEqual(a.Loss, c.Loss, 1e-4);
        Assert.Throws<ArgumentException>(() => others.Step(batch, 0.1, [1]));
    }

    [Fact]
    public void An_image_of_weight_0_has_no_gradient_and_mixed_images_have_the_mixture_of_their_weights()
    {
        using var batch = SmallModels.Batch(6);
        using var none = Learner(new LearnerOptions { Optimizer = new Sgd() });
        var outcome = none.Step(batch, 0.1, new float[6]);
        Assert.Equal((0, 0, true), (outcome.Loss, outcome.GradientNorm, outcome.Stepped));

        // Image i is mixed with image 5 - i: with the weights 2 and 0 each pair has the mixture of two numbers whose mean is 1.
        var mixing = new LearnerOptions { Optimizer = new Sgd(), Mixing = new MixingOptions { Mixup = 0.4 } };
        using var plain = Learner(mixing);
        using var mirrored = Learner(mixing);
        var (first, second) = (plain.Step(batch, 0.1, [2, 2, 2, 0, 0, 0]).Loss, mirrored.Step(batch, 0.1, [0, 0, 0, 2, 2, 2]).Loss);
        using var unweighted = Learner(mixing);
        Assert.Equal(2 * unweighted.Step(batch, 0.1).Loss, first + second, 1e-5);
    }

    [Fact]
    public void One_part_that_is_not_finite_skips_the_whole_step_and_the_scale_backs_off_once()
    {
        using var scope = torch.NewDisposeScope();
        using var learner = Learner(new LearnerOptions { Accumulation = 3, Precision = ComputePrecision.Float16 });
        using var batch = SmallModels.Batch(6);
        var images = Normalize.ToDevice(batch, learner.Model.Architecture.Preprocessing, torch.CPU);
        images[5].mul_(Keep(1e30));
        var (before, scale) = (SmallModels.Values(learner.Model.Parameters), learner.Scaler.Scale);
        var outcome = learner.Step(images, torch.tensor(new long[] { 0, 1, 2, 0, 1, 2 }), 0.1);
        Assert.False(outcome.Stepped);
        Assert.Equal((scale / 2, 1L, false), (learner.Scaler.Scale, learner.Scaler.SkippedSteps, outcome.IsScaleOverflow));
        Assert.Equal(before, SmallModels.Values(learner.Model.Parameters));
        Assert.All(SmallModels.Values(learner.Model.Gradients!), g => Assert.Equal(0, g));
    }

    [Theory]
    [InlineData(ComputePrecision.Float16, 1e38, 0, false, true)]
    [InlineData(ComputePrecision.Float16, 0.5, 1e300, false, false)]
    [InlineData(ComputePrecision.Float32, 1, 1e300, false, false)]
    [InlineData(ComputePrecision.Float16, 64, 0, true, false)]
    public void A_skipped_step_is_a_scale_overflow_only_if_the_loss_is_finite_and_a_smaller_scale_may_help(
        ComputePrecision precision, double scale, double l2, bool steps, bool overflows)
    {
        using var batch = SmallModels.Batch(6);
        using var learner = Learner(new LearnerOptions
        {
            Loss = new CrossEntropy { L2 = l2 },
            Precision = precision,
            Scaler = new GradScalerOptions { InitialScale = scale },
        });
        var outcome = learner.Step(batch, 0.1);
        Assert.True(double.IsFinite(outcome.Loss));
        Assert.Equal((steps, overflows), (outcome.Stepped, outcome.IsScaleOverflow));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_restored_learner_continues_bit_for_bit(string kind)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = SmallModels.Batch(6);
        var options = new LearnerOptions
        {
            Optimizer = KindRegistry.Create<Optimizer>(kind) with { LayerDecay = 0.8 },
            Loss = new Focal { L2 = 1e-3 },
            Mixing = new MixingOptions { Mixup = 0.4, Cutmix = 1 },
            Ema = new EmaOptions { Decay = 0.9 },
            Accumulation = 2,
            Precision = ComputePrecision.Float16,
            Scaler = new GradScalerOptions { InitialScale = 256, GrowthInterval = 2 },
        };
        using var whole = Learner(options);
        whole.Optimizer.Freeze(t => t.LayerGroup == 0);
        SmallModels.Losses(whole, batch, 3, 1e-2);
        var state = whole.Kept();
        var kept = new TrainingState([.. state.Tensors.Select(t => KeyValuePair.Create(t.Key, t.Value.clone()))], state.Numbers);
        whole.Optimizer.Freeze(_ => false);
        var expected = SmallModels.Losses(whole, batch, 3, 1e-2);

        using var restored = Learner(options);
        restored.Restore(kept);
        Assert.Equal(expected, SmallModels.Losses(restored, batch, 3, 1e-2));
        Assert.All(whole.Kept().Tensors.Zip(restored.Kept().Tensors), pair =>
        {
            Assert.Equal(pair.First.Key, pair.Second.Key);
            Assert.True(pair.First.Value.Same(pair.Second.Value), pair.First.Key);
        });
        Assert.Equal(whole.Kept().Numbers, restored.Kept().Numbers);
    }

    [Fact]
    public void A_state_of_another_optimiser_is_refused_by_name()
    {
        using var lion = Learner(new LearnerOptions { Optimizer = new Lion() });
        using var adam = Learner(new LearnerOptions());
        Assert.Contains("second", Assert.Throws<RefusalException>(() => adam.Restore(lion.Kept())).Message, StringComparison.Ordinal);
        using var other = new Learner(new LearnerOptions(), SmallModels.Model(SmallModels.Perceptron()), SmallModels.Perceptron().Preprocessing);
        Assert.Contains("model.parameters", Assert.Throws<RefusalException>(() => adam.Restore(other.Kept())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_are_not_mixed_in_the_last_epochs()
    {
        var mixing = new MixingOptions { Mixup = 0.4, OffEpochs = 2 };
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(e => mixing.IsOnIn(e, 4)));
        using var batch = SmallModels.Batch(6);
        using var off = Learner(new LearnerOptions { Mixing = mixing });
        using var on = Learner(new LearnerOptions { Mixing = mixing });
        using var none = Learner(new LearnerOptions());
        off.Mixes = false;
        var (plain, mixed) = (none.Step(batch, 0.1).Loss, on.Step(batch, 0.1).Loss);
        Assert.Equal(plain, off.Step(batch, 0.1).Loss);
        Assert.NotEqual(plain, mixed);
    }

    [Theory]
    [InlineData("sgd", 0.05)]
    [InlineData("adam", 3e-3)]
    [InlineData("adamw", 3e-3)]
    [InlineData("nadam", 3e-3)]
    [InlineData("radam", 3e-3)]
    [InlineData("lion", 1e-3)]
    [InlineData("lamb", 1e-2)]
    [InlineData("adan", 3e-3)]
    public void Every_optimiser_learns(string kind, double rate)
    {
        using var batch = SmallModels.Batch(12);
        var architecture = SmallModels.Perceptron();
        var options = new LearnerOptions { Optimizer = KindRegistry.Create<Optimizer>(kind) };
        using var learner = new Learner(options, SmallModels.Model(architecture), architecture.Preprocessing);
        var losses = SmallModels.Losses(learner, batch, 25, rate);
        Assert.True(losses[^1] < 0.3 * losses[0], $"{losses[0]} to {losses[^1]}");
    }

    public static TheoryData<string, ComputePrecision> Losses =>
        [.. KindRegistry.Known(typeof(Loss)).Keys.SelectMany(k => Enum.GetValues<ComputePrecision>().Select(p => (k, p)))];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Every_loss_learns_in_every_precision(string kind, ComputePrecision precision)
    {
        using var batch = SmallModels.Batch(12);
        var architecture = SmallModels.Perceptron();
        var loss = KindRegistry.Create<Loss>(kind);
        var options = new LearnerOptions
        {
            Loss = loss is BinaryCrossEntropy sigmoids ? sigmoids with { SumClasses = true } : loss,
            Precision = precision,
            Scaler = new GradScalerOptions { InitialScale = 1024 },
        };
        using var learner = new Learner(options, SmallModels.Model(architecture), architecture.Preprocessing);
        var losses = SmallModels.Losses(learner, batch, 25);
        Assert.True(losses[^1] < 0.3 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.Equal(12, learner.Step(batch, 0).Correct);
    }

    [Fact]
    public void Recomputing_blocks_makes_the_same_step()
    {
        // Both passes must draw the same drop path.
        var architecture = Zoo.Build(
            "convnext_atto", new ModelOptions { Classes = SmallModels.Classes, InputSize = SmallModels.Side, DropPath = 0.3, LayerScale = 1 });
        using var batch = SmallModels.Batch(4);
        using var kept = new Learner(new LearnerOptions(), SmallModels.Model(architecture), architecture.Preprocessing);
        using var recomputed = new Learner(new LearnerOptions { Checkpointing = true }, SmallModels.Model(architecture), architecture.Preprocessing);
        for (var step = 0; step < 2; step++)
        {
            var (a, b) = (kept.Step(batch, 1e-3), recomputed.Step(batch, 1e-3));
            Assert.Equal(a.Loss, b.Loss, 1e-5);
            Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-4 * a.GradientNorm);
        }
    }

    private static Learner Learner(LearnerOptions options)
    {
        var architecture = SmallModels.Convolution();
        return new Learner(options, SmallModels.Model(architecture), architecture.Preprocessing);
    }
}
