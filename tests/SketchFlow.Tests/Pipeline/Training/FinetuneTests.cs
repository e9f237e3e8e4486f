using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Freezing by epochs, sizes by epochs, and the searches before a run.</summary>
public class FinetuneTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Property]
    public bool Groups_only_thaw_and_the_classifier_always_learns(byte head, byte every, byte frozen, byte groups)
    {
        var recipe = new FinetuneRecipe { HeadEpochs = head % 5, UnfreezeEvery = every % 4 / 2.0, FrozenGroups = frozen % 12 };
        var count = 1 + (groups % 20);
        int[] below = [.. Enumerable.Range(0, 60).Select(e => recipe.FrozenBelow(e, count))];
        return below.All(b => b >= 0 && b < count)
            && below.Zip(below.Skip(1)).All(p => p.Second <= p.First)
            && below.Take(recipe.HeadEpochs).All(b => b == count - 1)
            && below[^1] == Math.Min(recipe.FrozenGroups, count - 1);
    }

    [Fact]
    public void One_more_group_thaws_every_so_many_epochs() => Assert.Equal(
        [5, 5, 4, 4, 3, 3, 2, 2, 2],
        Enumerable.Range(0, 9).Select(e => new FinetuneRecipe { HeadEpochs = 2, UnfreezeEvery = 2, FrozenGroups = 2 }.FrozenBelow(e, 6)));

    [Fact(Timeout = 300_000)]
    public async Task A_head_only_epoch_moves_the_classifier_alone_and_resumes_to_the_bit_across_the_thaw()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=2", "finetune.head_epochs=1", "optimizer.weight_decay=0.5");
        var whole = training.Whole("thawed", recipe);
        var cut = training.Artifacts.Run("thaw-cut");
        var head = training.Whole("head", recipe with { Epochs = 1 });
        using (var source = new CancellationTokenSource())
        {
            Assert.Throws<OperationCanceledException>(() => training.Trainer(new SmallTraining.CutAfter(4, source)).Run(recipe, cut, resume: false, source.Token));
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
            // Weights and running statistics alike; only batch counters count on.
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
        var refused = Assert.Throws<RefusalException>(() => new TrainJob(transformer, training.Data, training.Artifacts.Run("cannot"), SmallTraining.Context()).Run(CancellationToken.None));
        Assert.Contains("depend on the image size", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_suggested_rate_is_where_the_loss_falls_fastest()
    {
        var range = new LearningRateRange { From = 1e-6, To = 1, Steps = 61 };
        // A logistic fall around step 40 (1e-2), then a rise.
        LearningRatePoint[] points = [.. Enumerable.Range(0, 61).Select(i => new LearningRatePoint(range.At(i), 0, (2 / (1 + Math.Exp((i - 40) / 2.0))) + Math.Exp((i - 58) / 1.0)))];
        Assert.Equal(1e-2, LearningRateFinder.Suggest(points)!.Value, 1e-9);
        Assert.Null(LearningRateFinder.Suggest([.. points.Select((p, i) => p with { Smoothed = i })]));
        Assert.Null(LearningRateFinder.Suggest([.. points.Take(8)]));
        Assert.Equal((1e-6, 1.0), (range.At(0), Math.Round(range.At(60), 12)));
    }

    [Property]
    public void Chance_falls_where_the_rate_does_nothing_yet_are_not_suggested(int seed)
    {
        var range = new LearningRateRange { From = 1e-7, To = 1, Steps = 100 };
        var chance = new Random(seed);
        // A fall by 0.3 around step 70 (6e-3); a tenth of it from one step to the next by chance.
        LearningRatePoint[] points = [.. Enumerable.Range(0, 100).Select(i => new LearningRatePoint(range.At(i), 0, 2 - (0.3 / (1 + Math.Exp((70 - i) / 4.0))) + (0.03 * chance.NextDouble())))];
        Assert.InRange(LearningRateFinder.Suggest(points)!.Value, range.At(60), range.At(80));
    }

    [Fact(Timeout = 300_000)]
    public async Task The_search_for_a_rate_trains_through_the_range_or_ends_where_it_diverges()
    {
        await Task.Yield();
        var points = LearningRateFinder.Run(SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new LearningRateRange { From = 1e-6, To = 1e-3, Steps = 8 }, CancellationToken.None);
        Assert.Equal(8, points.Length);
        Assert.Equal(points.Select(p => p.LearningRate).Order(), points.Select(p => p.LearningRate));
        Assert.All(points, p => Assert.True(double.IsFinite(p.Loss) && p.Smoothed > 0));
        Assert.Equal(9, LearningRateFinder.Csv(points).Trim().Split('\n').Length);
    }

    [Fact(Timeout = 300_000)]
    public async Task The_search_for_a_batch_size_stops_before_memory_does()
    {
        await Task.Yield();
        BatchSizeTrial[] points = [new(1, 600, 1, true), new(2, 700, 1, true)];
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 900, isCuda: false));
        Assert.False(BatchSizeFinder.MayFit(points, 4, budget: 899, isCuda: false));
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 1, isCuda: true));
        Assert.Equal(2, BatchSizeFinder.Suggest([.. points, new(4, null, 0, false)], 1000));
        Assert.Null(BatchSizeFinder.Suggest([new(1, 600, 1, true)], 100));
        var tried = BatchSizeFinder.Run(SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(8L << 30, 4), _ => { }, CancellationToken.None);
        Assert.Equal([1, 2, 4], tried.Select(p => p.BatchSize));
        var images = DataSource.Split(training.Data, SmallTraining.Recipe()).Train.Count;
        var all = BatchSizeFinder.Run(SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(8L << 30, 4 * images), _ => { }, CancellationToken.None);
        Assert.InRange(all[^1].BatchSize, (images / 2) + 1, images);
        Assert.All(tried, p => Assert.True(p.Fits && p.PeakBytes > 0));
    }
}
