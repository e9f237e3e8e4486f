using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline;

public class PatienceTests
{
    [Fact]
    public void The_best_is_the_most_accurate_and_of_equals_the_one_with_the_lower_loss()
    {
        var patience = new Patience(new StoppingOptions());
        Assert.True(patience.Take(Row(1, 0.5, 1)));
        Assert.False(patience.Take(Row(2, 0.4, 0.5)));
        Assert.True(patience.Take(Row(3, 0.5, 0.9)));
        Assert.False(patience.Take(Row(4, 0.5, 0.95)));
        Assert.Equal(3, patience.Best!.Epoch);
        Assert.False(patience.IsOver);
    }

    [Fact]
    public void Patience_ends_after_so_many_epochs_without_a_gain_above_delta()
    {
        var patience = new Patience(new StoppingOptions { Patience = 2, Delta = 0.01, Metric = ValidationMetric.Loss });
        patience.Take(Row(1, 0, 1));
        patience.Take(Row(2, 0, 0.995));
        Assert.False(patience.IsOver);
        patience.Take(Row(3, 0, 0.991));
        Assert.True(patience.IsOver);
        Assert.Equal(3, patience.Best!.Epoch);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_never_better()
    {
        var patience = new Patience(new StoppingOptions { Metric = ValidationMetric.Loss });
        patience.Take(Row(1, 0, 5));
        Assert.False(patience.Take(Row(2, 0, double.NaN)));
    }

    private static EpochMetrics Row(int epoch, double accuracy, double loss) => new() { Epoch = epoch, ValidationAccuracy = accuracy, ValidationLoss = loss };
}
