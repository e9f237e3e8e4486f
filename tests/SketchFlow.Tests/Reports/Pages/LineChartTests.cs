using System.Globalization;
using FsCheck.Xunit;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>Charts of pages: every point and mark is within the frame, and gaps stay gaps.</summary>
public sealed class LineChartTests
{
    [Property(MaxTest = 100)]
    public void Points_and_marks_are_within_the_frame(double[] first, double[] second)
    {
        var layout = new ChartLayout(new LineChart("t", "x", "y", [Line("a", first), Line("b", second)]));
        var frame = layout.Frame;
        Assert.All(layout.XTicks, t => Assert.InRange(Number(t.Position), frame.Left - 0.01, frame.Right + 0.01));
        Assert.All(layout.YTicks, t => Assert.InRange(Number(t.Position), frame.Top - 0.01, frame.Bottom + 0.01));
        Assert.InRange(layout.YTicks.Count, 1, 8);
        Assert.All(layout.Paths.SelectMany(p => p.Path.Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)), point =>
        {
            var parts = point.Split(' ');
            Assert.InRange(Number(parts[0]), frame.Left - 0.01, frame.Right + 0.01);
            Assert.InRange(Number(parts[1]), frame.Top - 0.01, frame.Bottom + 0.01);
        });
    }

    [Theory(Timeout = 20_000)]
    [InlineData(4.940656458e-324, 0)]
    [InlineData(1e50, 1.0000000000000002e50)]
    [InlineData(-1e90, 1e90)]
    [InlineData(3, 3)]
    public async Task Values_that_are_nearly_equal_and_very_different_ones_have_few_marks(double first, double second)
    {
        // A step below the precision of the values would never end.
        var layout = await Task.Run(() => new ChartLayout(new LineChart("t", "x", "y", [Line("a", [first, second])])), TestContext.Current.CancellationToken);
        Assert.InRange(layout.YTicks.Count, 1, 8);
        Assert.Equal(2, layout.Paths.Single().Path.Count(c => c is 'M' or 'L'));
    }

    [Fact]
    public void A_missing_value_is_a_gap_and_a_line_without_values_is_left_out()
    {
        var layout = new ChartLayout(new LineChart("t", "x", "y", [Line("a", [1, 2, double.NaN, 4]), Line("b", [double.NaN])]));
        var path = Assert.Single(layout.Paths);
        Assert.Equal(("a", 2), (path.Name, path.Path.Count(c => c == 'M')));
    }

    [Fact]
    public void Marks_are_round_numbers()
    {
        var layout = new ChartLayout(new LineChart("t", "epoch", "%", [new ChartLine("a", [(1, 12.5), (20, 79.3)])]));
        Assert.Equal(["20", "40", "60"], layout.YTicks.Select(t => t.Label));
        Assert.Equal(["5", "10", "15", "20"], layout.XTicks.Select(t => t.Label));
        var two = new ChartLayout(new LineChart("t", "epoch", "%", [new ChartLine("a", [(1, 12.5), (2, 79.3)])]));
        Assert.Equal(["1", "2"], two.XTicks.Select(t => t.Label));
    }

    private static ChartLine Line(string name, double[] values) => new(name, [.. values.Select((v, i) => ((double)i, Math.Abs(v) < 1e100 ? v : double.NaN))]);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
