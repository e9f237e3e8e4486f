using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Training.Finders;

public class BatchSizeFinderTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task The_search_stops_before_memory_is_exhausted()
    {
        await Task.Yield();
        BatchSizeTrial[] points = [new(1, 600, 1, true), new(2, 700, 1, true)];
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 900, isCuda: false));
        Assert.False(BatchSizeFinder.MayFit(points, 4, budget: 899, isCuda: false));
        Assert.True(BatchSizeFinder.MayFit(points, 4, budget: 1, isCuda: true));
        Assert.Equal(2, BatchSizeFinder.Suggest([.. points, new(4, null, 0, false)], 1000));
        Assert.Null(BatchSizeFinder.Suggest([new(1, 600, 1, true)], 100));
        var tried = BatchSizeFinder.Run(
            SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(8L << 30, 4), _ => { }, CancellationToken.None);
        Assert.Equal([1, 2, 4], tried.Select(p => p.BatchSize));
        var images = DataSource.Split(training.Data, SmallTraining.Recipe()).Train.Count;
        var all = BatchSizeFinder.Run(
            SmallTraining.Recipe(), training.Data, SmallTraining.Context(), new BatchSizeLimits(8L << 30, 4 * images), _ => { }, CancellationToken.None);
        Assert.InRange(all[^1].BatchSize, (images / 2) + 1, images);
        Assert.All(tried, p => Assert.True(p.Fits && p.PeakBytes > 0));
    }
}
