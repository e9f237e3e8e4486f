using FsCheck.Xunit;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Reports.Plots;

public class RecallPlotTests
{
    [Property(MaxTest = 100)]
    public void No_class_without_colour_is_worse_than_a_coloured_one_and_the_title_tells_about_ties(byte[] right)
    {
        var report = Report([.. (right ?? []).Append((byte)4).Select(r => r % 5)]);
        var (low, description) = RecallPlot.FindLowest(report, 5);
        var coloured = report.PerClass.Where(c => low.Contains(c.Class)).Select(c => c.Recall!.Value).ToList();
        var others = report.PerClass.Where(c => !low.Contains(c.Class)).Select(c => c.Recall!.Value).ToList();
        Assert.True(coloured.Count == 0 || others.Count == 0 || coloured.Max() <= others.Min());
        Assert.True(coloured.Count == 0 || coloured.Max() < 1);

        // Either all classes at 0 are coloured, or the title does not call the coloured ones all of the lowest.
        Assert.DoesNotContain(0.0, others);
        var isTied = coloured.Count > 0 && others.Count > 0 && coloured.Max() == others.Min();
        Assert.Equal(isTied, description.EndsWith("of the lowest", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0 0 0 0 0 0 0 1 2", "the 7 classes at 0 %")]
    [InlineData("0 1 2 3 3 3 3 3 3", "the 3 lowest")]
    [InlineData("1 1 1 1 1 1 4 4 4", "3 of the lowest")]
    [InlineData("4 4 4", "")]
    public void The_title_names_what_is_coloured(string right, string description) =>
        Assert.Equal(description, RecallPlot.FindLowest(Report([.. right.Split(' ').Select(int.Parse)]), 5).Description);

    private static ClassificationReport Report(int[] right) => ClassificationMetrics.Evaluate(TableFixtures.Table(10, 2, 1)) with
    {
        PerClass = [.. right.Select((r, c) => new ClassScore(c, 4, r, r))],
    };
}
