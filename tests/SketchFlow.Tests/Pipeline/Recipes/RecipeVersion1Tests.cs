using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class RecipeVersion1Tests
{
    private const string OldData =
        "data: { path: null, validation: 0.2, folds: 0, fold: null, split_seed: null, max_megapixels: 64, reduced_decoding: true, cache_megabytes: null";

    [Theory]
    [InlineData(OldData + " }", SplitMethod.Rows, null)]
    [InlineData(OldData + ", split_method: hash }", SplitMethod.Hash, null)]
    [InlineData("data: { validation: 0.3, split_seed: null }", SplitMethod.Hash, null)]
    [InlineData("data: { validation: 0.3 }", SplitMethod.Hash, 1L)]
    [InlineData("epochs: 3", SplitMethod.Hash, 1L)]
    public void Only_a_recipe_that_an_older_version_wrote_keeps_the_split_by_row_numbers(string yaml, SplitMethod method, long? seed)
    {
        using var folder = new TemporaryFolder().With("recipe.yaml", yaml);
        var data = RecipeFile.Load(Path.Combine(folder.Root, "recipe.yaml"), []).Data;
        Assert.Equal((method, seed), (data.SplitMethod, data.SplitSeed));
    }

    [Fact]
    public void A_recipe_that_extends_one_of_an_older_version_has_its_split_unless_it_names_another()
    {
        using var folder = new TemporaryFolder().With("old.yaml", OldData + " }").With("new.yaml", "extends: old\nepochs: 3")
            .With("other.yaml", "extends: old\ndata: { split_method: hash }");
        Assert.Equal(SplitMethod.Rows, RecipeFile.Load(Path.Combine(folder.Root, "new.yaml"), []).Data.SplitMethod);
        Assert.Equal(SplitMethod.Hash, RecipeFile.Load(Path.Combine(folder.Root, "other.yaml"), []).Data.SplitMethod);
        Assert.Equal(SplitMethod.Hash, RecipeFile.Load(Path.Combine(folder.Root, "old.yaml"), ["data.split_method=hash"]).Data.SplitMethod);
    }
}
