using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Ensembles;

namespace SketchFlow.Tests.Pipeline.Ensembles;

public class SkippedCandidateTests
{
    [Property(MaxTest = 100)]
    public void The_advised_limit_is_enough_for_all_and_at_most_ten_seconds_more(PositiveInt milliseconds)
    {
        var all = milliseconds.Get / 7.0;
        var text = SkippedCandidate.Describe([new("stacking", all / 2, all, 20)]);
        var advice = double.Parse(text.Split("add --seconds ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(advice, all, all + 10);
    }

    [Fact]
    public void Names_estimates_limit_and_remedy_are_in_the_sentence() => Assert.Equal(
        "Skipped: weights per class (estimated 1.5 s); stacking (estimated 35 s). All combinations take an estimated 53 s, the limit is --seconds 20; "
        + "add --seconds 60 to measure them all.",
        SkippedCandidate.Describe([new("weights per class", 1.54, 53.2, 20), new("stacking", 35.2, 53.2, 20)]));
}
