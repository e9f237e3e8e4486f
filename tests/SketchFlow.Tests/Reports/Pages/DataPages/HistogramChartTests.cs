using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Reports.Pages.DataPages;

namespace SketchFlow.Tests.Reports.Pages.DataPages;

/// <summary>Histograms that count every value and stay within their picture.</summary>
public sealed class HistogramChartTests
{
    [Fact]
    public void Every_value_is_counted_and_every_bar_is_within_the_axes() => Prop.ForAll(Values(), values =>
    {
        var chart = HistogramChart.Create("ink share", "of the pixels", values);
        Assert.Equal(values.Length, chart.Columns.Sum(c => int.Parse(c.Label.Split(": ")[1].Split(' ')[0], CultureInfo.InvariantCulture)));
        Assert.All(chart.Columns, c =>
        {
            Assert.InRange(Number(c.X), 52, 336);
            Assert.InRange(Number(c.X) + Number(c.Width), 52, 336);
            Assert.InRange(Number(c.Y), 12, 172);
            Assert.Equal(172, Number(c.Y) + Number(c.Height), 0.02);
        });
        Assert.Equal(5, chart.XTicks.Count);
        Assert.Equal("ink share (of the pixels)", chart.Axis);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Equal_values_are_one_bar_and_a_few_extreme_ones_do_not_hide_the_others()
    {
        Assert.Single(HistogramChart.Create("aspect", "", [1, 1, 1]).Columns);
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => i / 1000.0), 1e9];
        Assert.InRange(HistogramChart.Create("width", "pixels", values).Columns.Count, 35, 40);
        Assert.Throws<ArgumentException>(() => HistogramChart.Create("width", "pixels", []));
    }

    private static Arbitrary<double[]> Values() =>
        (from count in Gen.Choose(1, 300)
         from seed in Gen.Choose(0, 100_000)
         from scale in Gen.Elements(1e-3, 1, 5000)
         let random = new Random(seed)
         select Enumerable.Range(0, count).Select(_ => Math.Round(random.NextDouble() * scale, 4)).ToArray()).ToArbitrary();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
