using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Training.Finders;

public class BatchSizeFinderTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    // The memory of the process is that of all tests that run at the same time.
    private const long NoLimit = 1L << 50;

    [Fact(Timeout = 300_000)]
    public async Task The_search_stops_before_memory_is_exhausted()
    {
        await Task.Yield();
        BatchSizeTrial[] points = [new(1, 600, 1, true), new(2, 700, 1, true)];
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 900, isCuda: false));
        Assert.False(BatchSizeFinder.MayFit(points, 4, budget: 899, isCuda: false));
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 1, isCuda: true));
        Assert.Equal(2, BatchSizeFinder.FindLargest([.. points, new(4, null, 0, false)], 1000));
        Assert.Null(BatchSizeFinder.FindLargest([new(1, 600, 1, true)], 100));
        var tried = BatchSizeFinder.Run(
            SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(NoLimit, 4), _ => { }, CancellationToken.None);
        Assert.Equal([2, 4], tried.Select(p => p.BatchSize));
        var images = DataSource.Split(training.Data, SmallTraining.Recipe()).Train.Count;
        var all = BatchSizeFinder.Run(
            SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(NoLimit, 4 * images), _ => { }, CancellationToken.None);
        Assert.InRange(all[^1].BatchSize, (images / 2) + 1, images);
        Assert.All(tried, p => Assert.True(p.Fits && p.PeakBytes > 0));
    }

    [Theory]
    [InlineData(1000, 900, 8)]
    [InlineData(79, 900, 4)]
    [InlineData(5, 900, 1)]
    [InlineData(1000, 599, null)]
    [InlineData(1000, 650, 4)]
    public void The_suggested_size_is_at_most_a_tenth_of_the_images_and_fits(int images, long budget, int? expected)
    {
        BatchSizeTrial[] tried = [new(1, 600, 1, true), new(2, 620, 1, true), new(4, 640, 1, true), new(8, 680, 1, true), new(16, null, 0, false)];
        Assert.Equal(expected, BatchSizeFinder.Suggest(tried, budget, images));
    }

    [Fact]
    public void The_learning_rate_grows_in_proportion_for_SGD_and_by_the_square_root_for_Adam()
    {
        var recipe = new Recipe { BatchSize = 16, Optimizer = new AdamW { LearningRate = 0.001 } };
        Assert.Equal(0.002, BatchSizeFinder.ScaleRate(recipe, 64), 1e-12);
        Assert.Equal(0.04, BatchSizeFinder.ScaleRate(recipe with { Optimizer = new Sgd { LearningRate = 0.01 } }, 64), 1e-12);
    }

    [Fact(Timeout = 300_000)]
    public async Task Sizes_that_leave_a_batch_norm_one_value_per_channel_are_not_tried()
    {
        await Task.Yield();
        // At 32 px the last maps of the network are 1 × 1.
        var recipe = SmallTraining.Recipe("accumulation=2");
        var tried = BatchSizeFinder.Run(recipe, training.Data, SmallTraining.Context(), new BatchSizeLimits(NoLimit, 8), _ => { }, CancellationToken.None);
        Assert.Equal([4, 8], tried.Select(t => t.BatchSize));
    }
}
