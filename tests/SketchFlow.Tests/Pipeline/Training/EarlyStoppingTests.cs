using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public class EarlyStoppingTests
{
    [Fact]
    public void The_best_is_the_most_accurate_and_of_equals_the_one_with_the_lower_loss()
    {
        var patience = new EarlyStopping(new StoppingOptions());
        Assert.True(patience.Add(Row(1, 0.5, 1)));
        Assert.False(patience.Add(Row(2, 0.4, 0.5)));
        Assert.True(patience.Add(Row(3, 0.5, 0.9)));
        Assert.False(patience.Add(Row(4, 0.5, 0.95)));
        Assert.Equal(3, patience.Best!.Epoch);
        Assert.False(patience.IsPatienceExhausted);
    }

    [Fact]
    public void Patience_ends_after_so_many_epochs_without_a_gain_above_delta()
    {
        var patience = new EarlyStopping(new StoppingOptions { Patience = 2, Delta = 0.01, Metric = ValidationMetric.Loss });
        patience.Add(Row(1, 0, 1));
        patience.Add(Row(2, 0, 0.995));
        Assert.False(patience.IsPatienceExhausted);
        patience.Add(Row(3, 0, 0.991));
        Assert.True(patience.IsPatienceExhausted);
        Assert.Equal(3, patience.Best!.Epoch);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_never_better()
    {
        var patience = new EarlyStopping(new StoppingOptions { Metric = ValidationMetric.Loss });
        patience.Add(Row(1, 0, 5));
        Assert.False(patience.Add(Row(2, 0, double.NaN)));
    }

    [Fact]
    public void A_run_is_below_the_floor_once_its_epochs_are_up_and_no_accuracy_reached_it()
    {
        var patience = new EarlyStopping(new StoppingOptions { Floor = 0.5, FloorEpochs = 2, Metric = ValidationMetric.Loss });
        patience.Add(Row(1, 0.4, 1));
        Assert.False(patience.IsBelowFloor(1));
        Assert.True(patience.IsBelowFloor(2));
        patience.Add(Row(2, 0.5, 2));
        Assert.False(patience.IsBelowFloor(2));
        Assert.False(new EarlyStopping(new StoppingOptions()).IsBelowFloor(9));
    }

    [Fact]
    public void An_epoch_is_judged_by_the_better_of_the_trained_and_the_averaged_weights()
    {
        var row = Row(1, 0.5, 1) with { AverageAccuracy = 0.6, AverageLoss = 1.5 };
        Assert.Equal((1.5, 0.6), row.Selected(ValidationMetric.Accuracy));
        Assert.Equal((1, 0.5), row.Selected(ValidationMetric.Loss));
        Assert.False(Row(1, 0.5, 1).AverageIsBetter(ValidationMetric.Loss));
    }

    [Fact]
    public void Patience_goes_on_from_what_was_kept_of_it()
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

    private static EpochMetrics Row(int epoch, double accuracy, double loss) => new() { Epoch = epoch, ValidationAccuracy = accuracy, ValidationLoss = loss };
}
