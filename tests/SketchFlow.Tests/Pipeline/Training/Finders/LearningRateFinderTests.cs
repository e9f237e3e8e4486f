using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Training.Finders;

public class LearningRateFinderTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact]
    public void The_suggested_rate_is_where_the_loss_falls_fastest()
    {
        var range = new LearningRateRange { From = 1e-6, To = 1, Steps = 61 };
        // A logistic fall around step 40 (1e-2), then a rise.
        LearningRatePoint[] points = [.. Enumerable.Range(0, 61)
            .Select(i => new LearningRatePoint(range.At(i), 0, (2 / (1 + Math.Exp((i - 40) / 2.0))) + Math.Exp((i - 58) / 1.0)))];
        Assert.Equal(1e-2, LearningRateFinder.Suggest(points)!.Value, 1e-9);
        Assert.Null(LearningRateFinder.Suggest([.. points.Select((p, i) => p with { Smoothed = i })]));
        Assert.Null(LearningRateFinder.Suggest([.. points.Take(8)]));
        Assert.Equal((1e-6, 1.0), (range.At(0), Math.Round(range.At(60), 12)));
    }

    [Property]
    public void Random_falls_at_rates_without_effect_are_not_suggested(int seed)
    {
        var range = new LearningRateRange { From = 1e-7, To = 1, Steps = 100 };
        var random = new Random(seed);
        // A fall by 0.3 around step 70 (6e-3), with noise of a tenth of that.
        LearningRatePoint[] points = [.. Enumerable.Range(0, 100)
            .Select(i => new LearningRatePoint(range.At(i), 0, 2 - (0.3 / (1 + Math.Exp((70 - i) / 4.0))) + (0.03 * random.NextDouble())))];
        Assert.InRange(LearningRateFinder.Suggest(points)!.Value, range.At(60), range.At(80));
    }

    [Fact(Timeout = 300_000)]
    public async Task The_test_trains_through_the_range_or_ends_where_the_loss_diverges()
    {
        await Task.Yield();
        var range = new LearningRateRange { From = 1e-6, To = 1e-3, Steps = 8 };
        var points = LearningRateFinder.Run(SmallTraining.Recipe(), training.Data, SmallTraining.Context(), range, CancellationToken.None);
        Assert.Equal(8, points.Length);
        Assert.Equal(points.Select(p => p.LearningRate).Order(), points.Select(p => p.LearningRate));
        Assert.All(points, p => Assert.True(double.IsFinite(p.Loss) && p.Smoothed > 0));
        Assert.Equal(9, LearningRateFinder.Csv(points).Trim().Split('\n').Length);
    }
}
