using System.Text.RegularExpressions;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Tests.Imaging.Augmentation.Strokes;

/// <summary>The transform of the tutorial "Add a transform" works, and the page shows its code.</summary>
public partial class FrameLineTests
{
    [Fact]
    public void The_tutorial_shows_the_code_that_is_tested()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "tutorials", "add-a-transform.md"));
        var source = File.ReadAllText(Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "Imaging", "Augmentation", "Strokes", "FrameLine.cs"))
            .Replace("SketchFlow.Tests.Imaging", "SketchFlow.Imaging", StringComparison.Ordinal)
            .Replace("using SketchFlow.Imaging;\n", "", StringComparison.Ordinal)
            .Replace("using SketchFlow.Imaging.Augmentation;\n", "", StringComparison.Ordinal);
        Assert.Equal(source, CodeBlock().Match(page).Groups["code"].Value);
    }

    [Fact]
    public void It_draws_a_closed_line_inside_the_border_and_nothing_else()
    {
        using var input = new RawImage(20, 12, 1, [.. Enumerable.Repeat((byte)255, 20 * 12)]).ToPixels();
        var ops = new List<PixelOp>();
        var random = KeyedRandom.For(1, 0, 0, "frame-line");
        new FrameLine { Margin = 1 }.SampleOps(ref random, new ImageSize(20, 12), ops);
        using var output = Assert.IsType<PixelOp.Custom>(Assert.Single(ops)).Run(input);
        for (var y = 0; y < 12; y++)
        {
            for (var x = 0; x < 20; x++)
            {
                var framed = x is >= 1 and <= 18 && y is >= 1 and <= 10 && (x is 1 or 18 || y is 1 or 10);
                Assert.Equal(framed ? 0 : 255, output.Bytes[(y * 20) + x]);
            }
        }
    }

    [Fact]
    public void A_margin_out_of_range_is_refused() => Assert.Throws<RefusalException>(() => new FrameLine { Margin = 65 }.Check());

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CodeBlock();
}
