using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public class TrialsLeftTests
{
    [Fact]
    public void The_mean_of_the_trials_before_counts_for_each_that_is_left()
    {
        Assert.Equal("about 10 min left for 3 trials", TrialsLeft.Describe([100, 300], 3, "trial"));
        Assert.Equal("about 3 min 20 s left for 1 setting", TrialsLeft.Describe([100, 300, 0], 1, "setting"));
    }

    [Fact]
    public void Without_a_trial_before_or_after_there_is_no_estimate()
    {
        Assert.Null(TrialsLeft.Describe([], 3, "trial"));
        Assert.Null(TrialsLeft.Describe([0], 3, "trial"));
        Assert.Null(TrialsLeft.Describe([100], 0, "trial"));
        Assert.Null(TrialsLeft.Describe([100], -1, "trial"));
    }
}
