using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Grouping;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs;

public class RecipeCompatibilityTests
{
    private static readonly RunFolder Folder = new("/none/runs/old");

    [Fact]
    public void A_run_of_an_older_version_resumes_with_a_recipe_of_today_and_keeps_its_split()
    {
        var stored = new Recipe { Data = new DataRecipe { SplitMethod = SplitMethod.Rows, SplitSeed = null } };
        RecipeCompatibility.Check(Folder, stored, new Recipe());
        using var folder = new TemporaryFolder().With("recipe.yaml", RecipeFile.Write(stored));
        var kept = RecipeCompatibility.KeepSplit(new RunFolder(folder.Root), new Recipe { Epochs = 3 });
        Assert.Equal(new Recipe { Epochs = 3 } with { Data = stored.Data }, kept);
        Assert.Equal(new Recipe(), RecipeCompatibility.KeepSplit(Folder, new Recipe()));
        Assert.All(
            (DataRecipe[])[new() { SplitSeed = 7 }, new() { Group = new SampleGrouping { Column = "photo" } }],
            other => Assert.Throws<RefusalException>(() => RecipeCompatibility.Check(Folder, stored, new Recipe { Data = other })));
    }

    [Fact]
    public void A_run_does_not_resume_with_another_split()
    {
        string Refusal(DataRecipe requested) =>
            Assert.Throws<RefusalException>(() => RecipeCompatibility.Check(Folder, new Recipe(), new Recipe { Data = requested })).Message;

        Assert.Contains("data.split_method hash and cannot resume with rows", Refusal(new() { SplitMethod = SplitMethod.Rows }), StringComparison.Ordinal);
        Assert.Contains("data.split_seed 1 and cannot resume with null", Refusal(new() { SplitSeed = null }), StringComparison.Ordinal);
        Assert.Contains("data.group null and cannot resume with twins", Refusal(new() { Group = new() { Twins = true } }), StringComparison.Ordinal);
    }
}
