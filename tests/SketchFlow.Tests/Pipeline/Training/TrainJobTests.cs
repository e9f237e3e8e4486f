using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
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
}
