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
    public void The_suggested_rate_is_where_the_loss_falls_fastest_and_the_range_where_it_falls()
    {
        var range = new LearningRateRange { From = 1e-6, To = 1, Steps = 61 };
        // A logistic fall around step 40 (1e-2), then a rise.
        LearningRatePoint[] points = Points(range, i => (2 / (1 + Math.Exp((i - 40) / 2.0))) + Math.Exp((i - 58) / 1.0));
        var found = LearningRateFinder.Suggest(points);
        Assert.Equal(1e-2, found.Rate!.Value, 1e-9);
        Assert.InRange(found.Low!.Value, range.At(34), range.At(38));
        Assert.InRange(found.High!.Value, range.At(42), range.At(46));
        Assert.InRange(found.RisesAt!.Value, range.At(56), range.At(60));
        Assert.Equal(new LearningRateSuggestion(), LearningRateFinder.Suggest([.. points.Take(8)]));
        Assert.Equal((1e-6, 1.0), (range.At(0), Math.Round(range.At(60), 12)));
    }

    [Property]
    public void Random_falls_at_rates_without_effect_are_not_suggested(int seed)
    {
        var range = new LearningRateRange { From = 1e-7, To = 1, Steps = 100 };
        var random = new Random(seed);
        // A fall by 0.3 around step 70 (6e-3), with noise of a tenth of that.
        var points = Points(range, i => 2 - (0.3 / (1 + Math.Exp((70 - i) / 4.0))) + (0.03 * random.NextDouble()));
        Assert.InRange(LearningRateFinder.Suggest(points).Rate!.Value, range.At(60), range.At(80));
    }

    [Property]
    public void The_suggestion_is_before_the_minimum_however_steeply_the_loss_falls_again_after_a_rise(int seed)
    {
        var range = new LearningRateRange();
        var random = new Random(seed);
        // A fall around step 50, a peak at step 80 and a steeper fall from it, as the losses of a diverging network have.
        var points = Points(
            range, i => 3 - (0.6 / (1 + Math.Exp((50 - i) / 3.0))) + (3 * Math.Exp(-Math.Pow((i - 80) / 4.0, 2))) + (0.1 * random.NextDouble()));
        var found = LearningRateFinder.Suggest(points);
        Assert.InRange(found.Rate!.Value, range.At(40), range.At(60));
        Assert.True(found.Low <= found.Rate && found.Rate <= found.High && found.High < found.RisesAt);
    }

    [Property]
    public void Noise_without_a_fall_gives_no_suggestion_and_the_rate_at_which_the_loss_rises(int seed)
    {
        var range = new LearningRateRange();
        var random = new Random(seed);
        var points = Points(range, i => 3.2 + Math.Exp((i - 80) / 4.0) + (0.4 * (random.NextDouble() - 0.5)));
        var found = LearningRateFinder.Suggest(points);
        Assert.Equal((null, null, null), (found.Rate, found.Low, found.High));
        Assert.InRange(found.RisesAt!.Value, range.At(68), range.At(84));
    }

    private static LearningRatePoint[] Points(LearningRateRange range, Func<int, double> loss) =>
        [.. Enumerable.Range(0, range.Steps).Select(i => new LearningRatePoint(range.At(i), loss(i), 0))];

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
