using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Descriptions of all transforms, and their table in the documentation.</summary>
public sealed class TransformCatalogueTests
{
    [Fact]
    public void Every_transform_and_option_is_described_with_its_default()
    {
        var pages = TransformCatalogue.All();
        Assert.Equal(Transform.Known.Keys, pages.Select(p => p.Name));
        Assert.All(pages, page =>
        {
            Assert.NotEmpty(page.Meaning);
            Assert.Equal("p", page.Options[^1].Name);
            Assert.Equal("0 to 1", page.Options[^1].Range);
            Assert.All(page.Options, option => Assert.True(option.Meaning.Length > 0 && option.Default.Length > 0, $"{page.Name} {option.Name}"));
        });
    }

    [Fact]
    public void Ranges_are_those_that_the_checks_enforce()
    {
        foreach (var (name, type) in Transform.Known)
        {
            var page = TransformCatalogue.All().Single(p => p.Name == name);
            foreach (var option in page.Options.Where(o => o.Range.Contains(" to ", StringComparison.Ordinal) && o.Range != "0 to 255"))
            {
                // The upper bound is a number, or another option by its name.
                var bound = option.Range.Split(" to ")[1];
                var above = double.Parse(page.Options.FirstOrDefault(o => o.Name == bound)?.Default ?? bound, CultureInfo.InvariantCulture) + 1;
                using var json = System.Text.Json.JsonDocument.Parse($$"""{"{{option.Name}}": {{above}}}""");
                Assert.Throws<RefusalException>(() => TransformJson.From(name, json.RootElement.Clone()));
            }

            Assert.True(type.IsSubclassOf(typeof(Transform)));
            Assert.All(
                page.Options.Where(o => o.Name.StartsWith("min_", StringComparison.Ordinal)),
                o => Assert.EndsWith($" to max_{o.Name[4..]}", o.Range, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("1.3333333333333333", "1 to 10", "4/3", "1 to 10")]
    [InlineData("0.3333333333333333", "0 to 1000000000", "1/3", "0 or more")]
    [InlineData("0.123456789123", "0 to max_side", "0.123456789123", "0 to max_side")]
    [InlineData("3", "", "3", "")]
    public void Thirds_and_limits_that_nothing_reaches_are_written_for_people(string value, string range, string shown, string limits)
    {
        var option = new TransformOption("x", value, range, "");
        Assert.Equal((shown, limits), (TransformCatalogue.DescribeDefault(option), TransformCatalogue.DescribeRange(option)));
    }

    [Fact]
    public void The_list_has_a_line_for_each_transform_and_options_only_for_named_ones()
    {
        var list = ProgramRunner.Run(Path.GetTempPath(), "transforms", "list").Output.TrimEnd().Split('\n');
        Assert.Equal([.. Transform.Known.Keys], list.Skip(2).SkipLast(1).Select(l => l.Split(' ')[0]));
        var one = ProgramRunner.Run(Path.GetTempPath(), "transforms", "list", "timm-rand-augment").Output;
        Assert.Contains("0 or more", one, StringComparison.Ordinal);
        Assert.Contains("Default of p: 1.", one, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m)^  p  ", one);
    }

    [Fact]
    public void The_table_in_the_documentation_is_up_to_date()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "transforms.md"));
        var table = page.IndexOf("| transform |", StringComparison.Ordinal);
        ApprovedText.Matches(
            Path.Combine("..", "..", "..", "docs", "transforms.md"), page[..table] + TransformCatalogue.Markdown(TransformCatalogue.All()));
    }
}
