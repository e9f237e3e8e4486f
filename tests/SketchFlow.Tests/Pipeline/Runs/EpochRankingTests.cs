using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Runs;

public class EpochRankingTests
{
    [Fact]
    public void Epochs_are_sorted_by_score_then_by_loss_then_by_number()
    {
        EpochMetrics[] rows = [Row(1, 0.5, 1), Row(2, 0.7, 2), Row(3, 0.7, 1.5), Row(4, 0.7, 1.5)];
        Assert.Equal([3, 4, 2, 1], new EpochRanking(ValidationMetric.Accuracy).Sort(rows).Select(r => r.Epoch));
        Assert.Equal([1, 3, 4, 2], new EpochRanking(ValidationMetric.Loss).Sort(rows).Select(r => r.Epoch));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_the_worst()
    {
        var ranking = new EpochRanking(ValidationMetric.Loss);
        Assert.True(ranking.Compare(Row(1, 0.1, 1000), Row(2, 0.9, double.NaN)) > 0);
        Assert.Equal([2, 1], ranking.Sort([Row(1, 0.9, double.NaN), Row(2, 0.1, 5)]).Select(r => r.Epoch));
    }

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    public void An_epoch_without_a_finite_loss_is_never_the_best_one(ValidationMetric metric)
    {
        var ranking = new EpochRanking(metric);
        Assert.Equal(2, ranking.FindBest([Row(1, 0.9, double.NaN), Row(2, 0.1, 5), Row(3, 0.9, double.PositiveInfinity)])!.Epoch);
        Assert.Null(ranking.FindBest([Row(1, 0.9, double.NaN)]));
        Assert.Null(ranking.FindBest([]));
    }

    private static EpochMetrics Row(int epoch, double accuracy, double loss) => new() { Epoch = epoch, ValidationAccuracy = accuracy, ValidationLoss = loss };
}
