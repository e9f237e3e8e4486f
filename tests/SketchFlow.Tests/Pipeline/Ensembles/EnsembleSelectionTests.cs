using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Tests.Pipeline.Ensembles;

public sealed class EnsembleSelectionTests
{
    [Theory]
    [InlineData(0.02, -0.01, 0.05, "The lead of +2.00 points (95 % interval -1.00 to +5.00) over the run a alone is within noise.")]
    [InlineData(
        -0.05, -0.19, 0.08, "The difference to the run a alone, which is better, is -5.00 points (95 % interval -19.00 to +8.00), which is within noise.")]
    [InlineData(-0.05, -0.09, -0.01, "The difference to the run a alone, which is better, is -5.00 points (95 % interval -9.00 to -1.00).")]
    public void A_smaller_ensemble_that_is_better_is_called_so(double score, double low, double high, string sentence) =>
        Assert.Equal(sentence, EnsembleSelection.DescribeSmaller(Objective.Accuracy, "the run a alone", new Interval(score, low, high)));
}
