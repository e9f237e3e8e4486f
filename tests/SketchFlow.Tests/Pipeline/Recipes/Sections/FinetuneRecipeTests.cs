using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Tests.Pipeline.Recipes.Sections;

public class FinetuneRecipeTests
{
    [Property]
    public bool Groups_are_only_unfrozen_and_the_classifier_is_always_trained(byte head, byte every, byte frozen, byte groups)
    {
        var recipe = new FinetuneRecipe { HeadEpochs = head % 5, UnfreezeEvery = every % 4 / 2.0, FrozenGroups = frozen % 12 };
        var count = 1 + (groups % 20);
        int[] below = [.. Enumerable.Range(0, 60).Select(e => recipe.FrozenBelow(e, count))];
        return below.All(b => b >= 0 && b < count)
            && below.Zip(below.Skip(1)).All(p => p.Second <= p.First)
            && below.Take(recipe.HeadEpochs).All(b => b == count - 1)
            && below[^1] == Math.Min(recipe.FrozenGroups, count - 1);
    }

    [Fact]
    public void One_more_group_is_unfrozen_at_each_interval() => Assert.Equal(
        [5, 5, 4, 4, 3, 3, 2, 2, 2],
        Enumerable.Range(0, 9).Select(e => new FinetuneRecipe { HeadEpochs = 2, UnfreezeEvery = 2, FrozenGroups = 2 }.FrozenBelow(e, 6)));
}
