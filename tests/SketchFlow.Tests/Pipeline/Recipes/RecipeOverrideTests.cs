using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class RecipeOverrideTests
{
    [Theory]
    [InlineData("2024")]
    [InlineData("1e5")]
    [InlineData("dir #1")]
    [InlineData("a: b")]
    [InlineData("a=b")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("true")]
    [InlineData("[x")]
    [InlineData("{y}")]
    [InlineData("- z")]
    [InlineData("@home")]
    [InlineData("%temp%")]
    [InlineData("it's")]
    [InlineData("a \"quoted\" name")]
    [InlineData(@"C:\data\u0041")]
    [InlineData(" spaces around ")]
    [InlineData("two\nlines\tand a tab")]
    [InlineData("Übung & 素描")]
    [InlineData("\U0001F3A8")]
    public void A_folder_of_any_name_reaches_the_recipe_unchanged(string folder)
    {
        var setting = RecipeOverride.Create("data.path", folder);
        Assert.Equal(folder, RecipeFile.Load(RecipeFile.Find("resnet18"), [setting]).Data.Path);
        Assert.Equal(folder, RecipeOverride.Find(["data.path=other", setting, "device=cpu"], "data.path"));
        Assert.Equal([setting], RecipeOverride.Optional("data.path", folder));
    }

    [Fact]
    public void Numbers_lists_and_null_keep_their_type()
    {
        var recipe = RecipeFile.Load(
            RecipeFile.Find("resnet18"),
            [
                RecipeOverride.Create("epochs", 7), RecipeOverride.Create("optimizer.learning_rate", 1.0 / 3), RecipeOverride.Create("seed", long.MinValue),
                RecipeOverride.Create("augmentation", new JsonArray()), RecipeOverride.Create("weights", (JsonNode?)null),
                .. RecipeOverride.Optional("data.folds", (int?)5),
            ]);
        Assert.Equal((7, 1.0 / 3, long.MinValue, 5), (recipe.Epochs, recipe.Optimizer.LearningRate, recipe.Seed, recipe.Data.Folds));
        Assert.Empty(recipe.Augmentation);
        Assert.Null(recipe.Weights);
    }

    [Fact]
    public void An_option_that_was_not_given_sets_nothing()
    {
        Assert.Empty(RecipeOverride.Optional("data.path", null));
        Assert.Empty(RecipeOverride.Optional("data.folds", (int?)null));
        Assert.Null(RecipeOverride.Find(["epochs=3"], "device"));
    }

    [Theory]
    [InlineData("epochs")]
    [InlineData("=3")]
    [InlineData("")]
    public void An_override_without_a_key_is_refused_with_an_example(string setting) =>
        Assert.Contains("--set path.to.key=value", Assert.Throws<UsageException>(() => RecipeOverride.Parse(setting)).Message, StringComparison.Ordinal);
}
