using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

/// <summary>
/// recipes-5dfa5fc.jsonl contains every recipe as commit 5dfa5fc resolved it: the first line all values of an empty recipe, the others the values that
/// differ from it. A recipe that is changed intentionally is removed from the file.
/// </summary>
public class EarlierRecipesTests
{
    private static readonly Lazy<JsonObject[]> Lines = new(() => [.. File.ReadLines(Here()).Select(l => JsonNode.Parse(l)!.AsObject())]);

    public static TheoryData<string> Names => [.. Lines.Value.Skip(1).Select(l => l["recipe"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_has_the_values_of_commit_5dfa5fc_and_the_recipe_file_of_its_runs_is_read(string name)
    {
        var values = Lines.Value[0]["values"]!.DeepClone().AsObject();
        Merge(values, Lines.Value.Single(l => l["recipe"]?.GetValue<string>() == name)["values"]!.AsObject());
        using var folder = new TemporaryFolder().With("recipe.yaml", values.ToJsonString());
        var earlier = RecipeFile.Read(Path.Combine(folder.Root, "recipe.yaml"), []);
        Assert.Empty(earlier.Dropped);
        // Runs of that commit keep their split by row numbers; today's recipes have another.
        var today = RecipeFile.Load(RecipeFile.Find(name), []);
        Assert.Equal((SplitMethod.Hash, 1L), (today.Data.SplitMethod, today.Data.SplitSeed));
        today = today with { Description = "", Data = today.Data with { SplitMethod = SplitMethod.Rows, SplitSeed = null } };
        Assert.Equal(RecipeFile.Write(earlier.Recipe), RecipeFile.Write(today));
    }

    [Fact]
    public void Another_kind_for_a_run_of_that_commit_takes_the_keys_that_its_recipe_file_has_for_it()
    {
        var values = Lines.Value[0]["values"]!.DeepClone().AsObject();
        values["schedule"]!["step_epochs"] = 3;
        using var folder = new TemporaryFolder().With("recipe.yaml", values.ToJsonString());
        var recipe = RecipeFile.Load(Path.Combine(folder.Root, "recipe.yaml"), ["schedule.kind=step", "loss.kind=focal", "optimizer.kind=adan"]);
        Assert.Equal("step(step_epochs=3, gamma=0.1, warmup_epochs=1, warmup_factor=0.01, cooldown_epochs=0, final_factor=0.001)", recipe.Schedule.ToString());
        Assert.StartsWith("focal(gamma=2, alpha=1, ", recipe.Loss.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("adan(beta1=0.98, beta2=0.92, beta3=0.99, epsilon=1E-08, ", recipe.Optimizer.ToString(), StringComparison.Ordinal);
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
        {
            if (value is JsonObject inner && into[key] is JsonObject target)
            {
                Merge(target, inner);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static string Here([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "recipes-5dfa5fc.jsonl");
}
