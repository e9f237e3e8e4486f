using SketchFlow.Reports.Fonts;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Scoring;
using SkiaSharp;

namespace SketchFlow.Tests.Reports.Fonts;

public class ReportFontsTests
{
    [Fact]
    public void Pictures_have_text_on_any_machine()
    {
        // The pictures differ only in the letters of their titles.
        var evaluation = ClassificationMetrics.Evaluate(TableFixtures.Table(60, 5, 1));
        Assert.NotEqual(ReliabilityDiagram.Draw("ABC", evaluation), ReliabilityDiagram.Draw("XYZ", evaluation));
        Assert.NotEqual(ImageGrid.Draw("ABC", []), ImageGrid.Draw("XYZ", []));
    }

    [Fact]
    public void Both_typefaces_are_Inter_and_have_accented_letters()
    {
        Assert.Equal(("Inter", false), (ReportFonts.Regular.FamilyName, ReportFonts.Regular.IsBold));
        Assert.Equal(("Inter", true), (ReportFonts.Bold.FamilyName, ReportFonts.Bold.IsBold));
        foreach (var typeface in new[] { ReportFonts.Regular, ReportFonts.Bold })
        {
            using var font = new SKFont(typeface);
            Assert.True(font.ContainsGlyphs("Äé 403 % …→"));
        }
    }
}
