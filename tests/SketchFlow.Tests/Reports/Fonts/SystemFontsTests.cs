using SketchFlow.Reports.Fonts;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Reports.Fonts;

/// <summary>Tests of class names in scripts that the embedded font lacks.</summary>
public class SystemFontsTests
{
    // Private use: no font has them.
    private const string Unknown = "\U000F1234";

    [Fact]
    public void The_font_with_the_most_of_the_letters_is_found()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["deep"]);
        File.WriteAllText(folder["NotAFont-Sans.ttf"], "no font");
        FontWithLetters.Write(folder["Some.ttf"], '가', '나');
        FontWithLetters.Write(folder["deep/All-Bold.ttf"], '가', '힣');
        FontWithLetters.Write(folder["deep/AllSans-Regular.ttf"], '가', '힣');
        var letters = TextFont.LettersOf(["고양이", "강아지 \u200D"]);
        Assert.Equal($"{folder["deep/AllSans-Regular.ttf"]}#0", SystemFonts.Find(letters, ReportFonts.Regular, [folder.Root])?.Name);
        Assert.Null(SystemFonts.Find(letters, ReportFonts.Regular, [folder["nowhere"]]));
        Assert.Null(SystemFonts.Find(TextFont.LettersOf(["cat"]), ReportFonts.Regular, [folder.Root]));

        var found = SystemFonts.Find(letters, ReportFonts.Regular, [folder.Root])!.Value;
        var font = new TextFont(found.Name, found.Typeface, found.Typeface);
        Assert.True(font.CanDraw("고양이"));
        Assert.False(font.CanDraw("cat"));
        Assert.Equal("고??", font.Fit("고ab"));
    }

    [Fact]
    public void Names_that_no_font_can_draw_are_shown_as_numbers()
    {
        var evaluation = ClassificationMetrics.Evaluate(TableFixtures.Table(60, 3, 1));
        Assert.Equal(RecallPlot.Draw("m", evaluation, ["cat", "class 1", "dog"]), RecallPlot.Draw("m", evaluation, ["cat", Unknown, "dog"]));
        Assert.NotEqual(RecallPlot.Draw("m", evaluation, ["cat", "tree", "dog"]), RecallPlot.Draw("m", evaluation, ["cat", "trees", "dog"]));
        Assert.Equal(ConfusionMatrixPlot.Draw("m", evaluation, ["cat", "class 1", "dog"]), ConfusionMatrixPlot.Draw("m", evaluation, ["cat", Unknown, "dog"]));
    }

    [Fact]
    public void A_missing_font_is_named_with_its_package()
    {
        Assert.Null(MissingFont.For(["cat", "Straße", "κότα", "кот", ""]));
        Assert.Contains("rename the classes", MissingFont.For(["cat", Unknown])!.Message, StringComparison.Ordinal);
        foreach (var missing in MissingFont.All())
        {
            Assert.Equal(missing.Package, MissingFont.For(["cat", missing.Example])!.Package);
            Assert.Contains($"apt-get install -y {missing.Package}", missing.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("short", 18, "short")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("ae\u0301io\U0001F600x", 5, "ae\u0301io…")]
    public void Names_are_shortened_between_characters(string name, int length, string expected) => Assert.Equal(expected, TextFont.Shorten(name, length));
}
