using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;

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

    [Fact]
    public void The_table_in_the_documentation_is_up_to_date()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "transforms.md"));
        var table = page.IndexOf("| transform |", StringComparison.Ordinal);
        ApprovedText.Matches(
            Path.Combine("..", "..", "..", "docs", "transforms.md"), page[..table] + TransformCatalogue.Markdown(TransformCatalogue.All()));
    }
}
