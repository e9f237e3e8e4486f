using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public class EarlyStoppingTests
{
    [Fact]
    public void The_best_epoch_is_the_most_accurate_and_at_equal_accuracy_the_one_with_the_lower_loss()
    {
        var stopping = new EarlyStopping(new StoppingOptions());
        Assert.True(stopping.Add(Row(1, 0.5, 1)));
        Assert.False(stopping.Add(Row(2, 0.4, 0.5)));
        Assert.True(stopping.Add(Row(3, 0.5, 0.9)));
        Assert.False(stopping.Add(Row(4, 0.5, 0.95)));
        Assert.Equal(3, stopping.Best!.Epoch);
        Assert.False(stopping.IsPatienceExhausted);
    }

    [Fact]
    public void Patience_is_exhausted_after_that_many_epochs_without_an_improvement_above_delta()
    {
        var stopping = new EarlyStopping(new StoppingOptions { Patience = 2, Delta = 0.01, Metric = ValidationMetric.Loss });
        stopping.Add(Row(1, 0, 1));
        stopping.Add(Row(2, 0, 0.995));
        Assert.False(stopping.IsPatienceExhausted);
        stopping.Add(Row(3, 0, 0.991));
        Assert.True(stopping.IsPatienceExhausted);
        Assert.Equal(3, stopping.Best!.Epoch);
    }

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    public void A_loss_that_is_not_finite_is_never_better(ValidationMetric metric)
    {
        var stopping = new EarlyStopping(new StoppingOptions { Metric = metric });
        Assert.False(stopping.Add(Row(1, 0.9, double.NaN)));
        Assert.Null(stopping.Best);
        Assert.True(stopping.Add(Row(2, 0.1, 5)));
        Assert.False(stopping.Add(Row(3, 0.9, double.NaN)));
        Assert.False(stopping.Add(Row(4, 0.9, double.PositiveInfinity)));
        Assert.Equal(2, stopping.Best!.Epoch);
    }

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    public void Averaged_weights_with_a_finite_loss_are_better_than_trained_ones_without_and_never_the_reverse(ValidationMetric metric)
    {
        var average = Row(1, 0.9, double.NaN) with { AverageAccuracy = 0.1, AverageLoss = 2 };
        Assert.True(average.AverageIsBetter(metric));
        Assert.Equal((2, 0.1), average.Selected(metric));
        var trained = Row(1, 0.1, 2) with { AverageAccuracy = 0.9, AverageLoss = double.NaN };
        Assert.Equal((2, 0.1), trained.Selected(metric));
    }

    [Fact]
    public void A_run_is_below_the_floor_if_no_epoch_reached_it_in_the_allowed_number()
    {
        var stopping = new EarlyStopping(new StoppingOptions { Floor = 0.5, FloorEpochs = 2, Metric = ValidationMetric.Loss });
        stopping.Add(Row(1, 0.4, 1));
        Assert.False(stopping.IsBelowFloor(1));
        Assert.True(stopping.IsBelowFloor(2));
        stopping.Add(Row(2, 0.5, 2));
        Assert.False(stopping.IsBelowFloor(2));
        Assert.False(new EarlyStopping(new StoppingOptions()).IsBelowFloor(9));
    }

    [Fact]
    public void The_better_of_the_trained_and_the_averaged_weights_are_selected()
    {
        var row = Row(1, 0.5, 1) with { AverageAccuracy = 0.6, AverageLoss = 1.5 };
        Assert.Equal((1.5, 0.6), row.Selected(ValidationMetric.Accuracy));
        Assert.Equal((1, 0.5), row.Selected(ValidationMetric.Loss));
        Assert.False(Row(1, 0.5, 1).AverageIsBetter(ValidationMetric.Loss));
    }

    [Fact]
    public void Patience_continues_from_the_stored_state()
    {
        var options = new StoppingOptions { Patience = 2 };
        EpochMetrics[] rows = [Row(1, 0.5, 1), Row(2, 0.4, 1), Row(3, 0.45, 1)];
        var (whole, cut) = (new EarlyStopping(options), new EarlyStopping(options));
        whole.Add(rows[0]);
        whole.Add(rows[1]);
        cut.Restore(whole.State, rows[..2]);
        Assert.Equal(whole.Add(rows[2]), cut.Add(rows[2]));
        Assert.Equal((whole.State, whole.IsPatienceExhausted, whole.Best), (cut.State, cut.IsPatienceExhausted, cut.Best));
        Assert.True(cut.IsPatienceExhausted);
    }

    [Theory]
    [InlineData(ValidationMetric.Loss, ValidationMetric.Accuracy)]
    [InlineData(ValidationMetric.Accuracy, ValidationMetric.Loss)]
    public void Patience_starts_again_under_another_metric_and_the_saved_epoch_stays_the_best_until_one_is_better_by_it(
        ValidationMetric before, ValidationMetric now)
    {
        EpochMetrics[] rows = [Row(1, 0.5, 1), Row(2, 0.4, 2), Row(3, 0.4, 2)];
        var first = new EarlyStopping(new StoppingOptions { Patience = 2, Metric = before });
        rows.ToList().ForEach(r => first.Add(r));
        Assert.True(first.IsPatienceExhausted);
        // Resume files of version 0.1.0 do not name the metric.
        foreach (var state in new[] { first.State, first.State with { Metric = null } })
        {
            var same = new EarlyStopping(new StoppingOptions { Patience = 2, Metric = before });
            Assert.Null(same.Restore(state, rows));
            Assert.True(same.IsPatienceExhausted);
            var other = new EarlyStopping(new StoppingOptions { Patience = 2, Metric = now });
            Assert.Equal(before, other.Restore(state, rows));
            Assert.False(other.IsPatienceExhausted);
            Assert.Equal((1, 0), (other.Best!.Epoch, other.State.Waited));
            Assert.False(other.Add(Row(4, 0.45, 1.5)));
            Assert.True(other.Add(Row(5, 0.6, 0.5)));
            Assert.Equal((5, 0, now), (other.Best!.Epoch, other.State.Waited, other.State.Metric));
        }
    }

    private static EpochMetrics Row(int epoch, double accuracy, double loss) => new() { Epoch = epoch, ValidationAccuracy = accuracy, ValidationLoss = loss };
}
