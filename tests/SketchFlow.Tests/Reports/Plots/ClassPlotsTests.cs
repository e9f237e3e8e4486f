using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Scoring;
using SkiaSharp;

namespace SketchFlow.Tests.Reports.Plots;

/// <summary>Tests of all plots of an evaluation.</summary>
public class ClassPlotsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(120)]
    public void Plots_are_drawn_for_one_class_and_for_hundreds(int classes)
    {
        var evaluation = ClassificationMetrics.Evaluate(TableFixtures.Table(300, classes, 1));
        var names = TableFixtures.Metadata(classes).ClassNames;
        byte[][] pictures =
        [
            RecallPlot.Draw("e", evaluation, names),
            ReliabilityDiagram.Draw("e", evaluation),
            ConfusionMatrixPlot.Draw("e", evaluation, names),
            RecallByModelPlot.Draw("all", [("a", evaluation), ("b", evaluation)], names),
            EnsembleGainPlot.Draw("gain", "accuracy", [("a", new Interval(0.5, 0.4, 0.6))]),
        ];
        foreach (var png in pictures)
        {
            using var picture = SKBitmap.Decode(png);
            Assert.True(picture.Width >= 600 && picture.Height >= 120);

            // A picture with several colours is not empty.
            Assert.True(picture.Pixels.Distinct().Count() > 4);
        }
    }
}
