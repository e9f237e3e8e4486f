using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.ParallelCharts;

namespace SketchFlow.Tests.Reports.Pages.ParallelCharts;

/// <summary>Lines of parallel coordinates pass through their values.</summary>
public sealed class ParallelLayoutTests
{
    [Fact]
    public void Numbers_are_placed_by_value_or_logarithm_and_texts_evenly()
    {
        var even = new ParallelAxis("a", 0, ["1", "2", "3", "5"]);
        Assert.Equal([0, 0.25, 0.5, 1], ((string[])["1", "2", "3", "5"]).Select(v => even.PlaceOf(v)!.Value));
        var powers = new ParallelAxis("b", 1, ["0.0001", "0.01", "0.001"]);
        Assert.Equal(0.5, powers.PlaceOf("0.001")!.Value, 1e-9);
        var texts = new ParallelAxis("c", 2, ["sgd", null, "adamw", "lion"]);
        Assert.Equal([0, 0.5, 1], ((string[])["adamw", "lion", "sgd"]).Select(v => texts.PlaceOf(v)!.Value));
        Assert.Null(texts.PlaceOf(null));
        Assert.Equal(0.5, new ParallelAxis("d", 3, ["7", "7"]).PlaceOf("7"));
    }

    [Fact]
    public void A_line_has_a_gap_where_a_run_lacks_a_setting_and_the_best_run_is_drawn_last()
    {
        var layout = new ParallelLayout(new ParallelChart(
            "t", ["rate", "dropout", "name"], "accuracy", [new ParallelRun("good", ["1", null, "x"], 90), new ParallelRun("bad", ["2", "0.1", "y"], 10)]));
        Assert.Equal([("bad", 0), ("good", 100)], layout.Paths.Select(p => (p.Run, p.Share)));
        Assert.Equal("M20 50L185 195L350 50L515 340", layout.Paths[0].Path);
        Assert.Equal("M20 340M350 340L515 50", layout.Paths[1].Path);
        Assert.Equal(("10.00", "90.00"), (layout.Worst, layout.Best));
    }

    [Fact]
    public void Names_are_escaped_and_only_pages_with_such_a_chart_have_its_script()
    {
        const string Attack = "<b onclick='x()'>\"";
        var page = new ReportPage("x").Parallel(new ParallelChart(Attack, [Attack], Attack, [new ParallelRun(Attack, [Attack], 1)])).ToString();
        Assert.DoesNotContain("<b onclick", page, StringComparison.Ordinal);
        Assert.Contains("data-run=\"&lt;b onclick=&#x27;x()&#x27;&gt;&quot;\"", page, StringComparison.Ordinal);
        Assert.Contains("'filtered', event", page, StringComparison.Ordinal);
        Assert.DoesNotContain("'filtered', event", new ReportPage("x").Text("y").ToString(), StringComparison.Ordinal);
    }
}
