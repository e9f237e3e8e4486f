using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Training;

public class TrainJobTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task A_head_only_epoch_changes_the_classifier_alone_and_resumes_exactly_across_the_unfreezing()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=2", "finetune.head_epochs=1", "optimizer.weight_decay=0.5");
        var whole = training.TrainUninterrupted("thawed", recipe);
        var cut = training.Artifacts.Run("thaw-cut");
        var head = training.TrainUninterrupted("head", recipe with { Epochs = 1 });
        using (var source = new CancellationTokenSource())
        {
            var trainer = training.Trainer(new SmallTraining.CancelAfter(4, source));
            Assert.Throws<OperationCanceledException>(() => trainer.Run(recipe, cut, resume: false, source.Token));
        }

        training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None);
        SmallTraining.AssertSame(whole, cut);

        var architecture = RecipeModel.Build(recipe, training.Data.Classes.Length);
        using var fresh = ModelWeights.Fresh(architecture, recipe.Seed);
        var (after, _) = ModelWeights.Load(architecture, head.Last, recipe.Seed);
        var (thawed, _) = ModelWeights.Load(architecture, whole.Last, recipe.Seed);
        using (after)
        using (thawed)
        {
            // Weights and running statistics are unchanged; only batch counters advance.
            foreach (var spec in architecture.Tensors.Where(t => t.Role != TensorRole.Counter))
            {
                var stayed = fresh[spec.Name].bytes.SequenceEqual(after[spec.Name].bytes);
                Assert.True(stayed == !spec.Name.StartsWith(architecture.Classifier, StringComparison.Ordinal), spec.Name);
                Assert.True(spec.Count == 1 || !after[spec.Name].bytes.SequenceEqual(thawed[spec.Name].bytes), spec.Name);
            }
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Skipped_steps_are_neither_loss_nor_images_and_their_limit_counts_across_epochs_and_resumes()
    {
        await Task.Yield();
        // The penalty makes every gradient infinite and no loss, so that each of the 3 steps of an epoch is skipped and validation works.
        var recipe = SmallTraining.Recipe("loss.l2=1e300", "epochs=4", "augmentation=none");
        var (whole, cut) = (training.Artifacts.Run("skips"), training.Artifacts.Run("skips-cut"));
        var refused = Assert.Throws<RefusalException>(() => training.Trainer().Run(recipe, whole, resume: false, CancellationToken.None));
        Assert.StartsWith("5 consecutive steps had a loss or gradient that is not finite", refused.Message, StringComparison.Ordinal);
        var row = Assert.Single(EpochMetrics.Read(whole.Metrics));
        Assert.Equal((double.NaN, double.NaN, 3L), (row.TrainLoss, row.TrainAccuracy, row.SkippedSteps));
        Assert.True(double.IsFinite(row.ValidationLoss));
        Assert.Contains(training.Lines, s => s.StartsWith("epoch 1: no train loss, since every step was skipped; validation loss", StringComparison.Ordinal));

        using (var source = new CancellationTokenSource())
        {
            Assert.Throws<OperationCanceledException>(
                () => training.Trainer(new SmallTraining.CancelAfter(4, source)).Run(recipe, cut, resume: false, source.Token));
        }

        var steps = new StepLosses();
        Assert.Throws<RefusalException>(() => training.Trainer(steps).Run(recipe, cut, resume: true, CancellationToken.None));
        Assert.Single(steps.Losses);
        Assert.Equal(RunEnd.Failed, steps.End);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_whose_validation_loss_is_not_finite_fails_has_no_best_epoch_and_counts_only_the_steps_it_made()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("optimizer.learning_rate=1e30", "epochs=4", "checkpoints.top=2");
        var (folder, steps) = (training.Artifacts.Run("diverged"), new StepLosses());
        var refused = Assert.Throws<RefusalException>(() => training.Trainer(steps).Run(recipe, folder, resume: false, CancellationToken.None));
        Assert.StartsWith("The run diverged failed: the validation loss of epoch 1 is NaN", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("There is no best.safetensors yet.", refused.Message, StringComparison.Ordinal);
        Assert.Equal((RunEnd.Failed, null), (steps.End, steps.Best));
        var row = Assert.Single(EpochMetrics.Read(folder.Metrics));
        // All steps have 8 images.
        Assert.Equal(steps.Losses.Where(double.IsFinite).Average(), row.TrainLoss, 1e-9);
        Assert.Equal(steps.Losses.Count(l => !double.IsFinite(l)), row.SkippedSteps);
        Assert.InRange(row.SkippedSteps, 1, 2);
        Assert.Equal(double.NaN, row.ValidationLoss);
        Assert.True(File.Exists(folder.Last));
        Assert.False(File.Exists(folder.Best));
        Assert.Empty(Directory.Exists(folder.Checkpoints) ? Directory.EnumerateFiles(folder.Checkpoints) : []);
        var again = Assert.Throws<RefusalException>(() => training.Trainer().Run(recipe, folder, resume: true, CancellationToken.None));
        Assert.StartsWith("The run diverged failed: the validation loss of epoch 1 is NaN", again.Message, StringComparison.Ordinal);
        Assert.Null(Assert.Single(RunTable.All(training.Artifacts, _ => { }), r => r.Name == "diverged").Number("val_accuracy"));
    }

    [Fact(Timeout = 300_000)]
    public async Task Images_grow_by_epochs_where_tensors_do_not_depend_on_their_size()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=2", "image_size=48", "sizes=[{from_epoch: 0, size: 32}, {from_epoch: 1, size: 48}]");
        var setup = new TrainingSetup(recipe, training.Data, SmallTraining.Context());
        var job = new TrainJob(recipe, training.Data, training.Artifacts.Run("grows"), SmallTraining.Context());
        Assert.Equal([32, 48], Enumerable.Range(0, 2).Select(epoch =>
        {
            var side = 0;
            setup.DescribeBatches(epoch).Run(batch => side = batch.Width);
            return side;
        }));
        Assert.Equal(2, job.Run(CancellationToken.None).Epochs.Length);
        var transformer = recipe with { Architecture = "vit_tiny_patch16_224", ImageSize = 64 };
        var refused = Assert.Throws<RefusalException>(
            () => new TrainJob(transformer, training.Data, training.Artifacts.Run("cannot"), SmallTraining.Context()).Run(CancellationToken.None));
        Assert.Contains("depend on the image size", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Keeps the loss of every step, and how the run ended.</summary>
    private sealed class StepLosses : IRunObserver
    {
        public List<double> Losses { get; } = [];

        public RunEnd? End { get; private set; }

        public EpochMetrics? Best { get; private set; }

        public void Step(StepMetrics step) => Losses.Add(step.Loss);

        public void Ended(RunEnd end, EpochMetrics? best) => (End, Best) = (end, best);
    }
}
