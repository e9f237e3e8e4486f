using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Tests.Imaging.Decoding.Headers;

/// <summary>The list of layouts that are decoded.</summary>
public sealed class TestedLayoutTests
{
    [Fact]
    public void The_documentation_repeats_the_list()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "imaging.md"));
        Assert.Equal(TestedLayout.All.Select(group => group.ToMarkdown()), lines.SkipWhile(l => !l.StartsWith("| format | colours", StringComparison.Ordinal))
            .Skip(2).TakeWhile(l => l.StartsWith('|')));
    }

    [Fact]
    public void No_layout_is_listed_twice()
    {
        var layouts = TestedLayout.All.SelectMany(group => group.Expand()).ToArray();
        Assert.Equal(layouts.Distinct().Count(), layouts.Length);
        Assert.All(layouts, layout => Assert.True(TestedLayout.Includes(layout)));
    }

    [Fact]
    public void Only_listed_layouts_are_included()
    {
        var listed = TestedLayout.All.SelectMany(group => group.Expand()).ToHashSet();
        var all =
            from format in Enum.GetValues<ImageFormat>()
            from colour in Enum.GetValues<ImageColour>()
            from bits in new[] { 1, 2, 4, 8, 12, 16, 24, 32, 64 }
            from alpha in Enum.GetValues<ImageAlpha>()
            from coding in Enum.GetValues<ImageCoding>()
            from separate in new[] { false, true }
            select new ImageLayout(format, colour, bits) { Alpha = alpha, Coding = coding, SeparatePlanes = separate };
        Assert.Equal(listed.Count, all.Count(TestedLayout.Includes));
        Assert.DoesNotContain(default, listed);
    }
}
