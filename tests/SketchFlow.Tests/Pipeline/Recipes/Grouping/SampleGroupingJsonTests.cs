using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Grouping;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes.Grouping;

public class SampleGroupingJsonTests
{
    [Theory]
    [InlineData("data: { group: { column: photo } }", "", "column: photo")]
    [InlineData("data: { group: twins }", "", "twins")]
    [InlineData("data: { group: null }", "", null)]
    [InlineData("", "data.group.column=photo", "column: photo")]
    [InlineData("", "data.group.pattern=^(.+)-\\d", "pattern: ^(.+)-\\d")]
    [InlineData("", "data.group=twins", "twins")]
    [InlineData("data: { group: twins }", "data.group.column=photo", "column: photo")]
    [InlineData("data: { group: { column: photo } }", "data.group=null", null)]
    [InlineData("data: { group: { column: photo } }", "data.group.column=null", null)]
    [InlineData("data: { group: { column: photo, pattern: null } }", "", "column: photo")]
    [InlineData("data: { group: { column: photo } }", "data.group={pattern: x}", "pattern: x")]
    public void Groups_are_read_from_recipes_and_overrides_and_survive_writing(string yaml, string setting, string? expected)
    {
        var recipe = Load(yaml, setting);
        Assert.Equal(expected, recipe.Data.Group?.ToString());
        var again = Load(RecipeFile.Write(recipe), "");
        Assert.Equal(recipe.Data.Group, again.Data.Group);
        Assert.Equal(recipe.Data with { Group = null }, again.Data with { Group = null });
    }

    [Fact]
    public void Groups_are_flat_keys_for_trackers()
    {
        Assert.Equal("photo", RecipeKeys.Flatten(Load("", "data.group.column=photo"))["data.group.column"]);
        Assert.Equal("twins", RecipeKeys.Flatten(Load("", "data.group=twins"))["data.group"]);
        Assert.Equal("null", RecipeKeys.Flatten(new Recipe())["data.group"]);
    }

    [Theory]
    [InlineData("data.group=photo", "data.group is \"photo\" in --set, expected {column: NAME}, {pattern: REGEX}, twins or null;")]
    [InlineData("data.group=3", "data.group is 3 in --set, expected {column: NAME}")]
    [InlineData("data.group=[a]", "data.group is [\"a\"] in --set, expected {column: NAME}")]
    [InlineData("data.group.column=3", "data.group is {\"column\":3} in --set")]
    [InlineData("data.group={column: a, pattern: b}", "data.group is {\"column\":\"a\",\"pattern\":\"b\"} in --set")]
    [InlineData("data.group.colum=a", "data.group.colum is not a setting (did you mean")]
    [InlineData("data.group={photo: a}", "data.group.photo is not a setting; the known settings are column, pattern")]
    public void Another_form_is_refused_with_what_is_expected(string setting, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UsageException>(() => Load("", setting)).Message, StringComparison.Ordinal);

    [Fact]
    public void Groups_need_the_split_by_hash()
    {
        var refused = Assert.Throws<UsageException>(() => RecipeFile.Load(
            RecipeFile.Find("resnet18"), ["data.group.column=photo", "data.split_method=rows"]));
        Assert.Contains("data.split_method is rows with a data.group, expected hash", refused.Message, StringComparison.Ordinal);
    }

    private static Recipe Load(string yaml, string setting)
    {
        using var folder = new TemporaryFolder().With("r.yaml", yaml.Length > 0 ? yaml : "epochs: 1");
        return RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), setting.Length > 0 ? [setting] : []);
    }
}
