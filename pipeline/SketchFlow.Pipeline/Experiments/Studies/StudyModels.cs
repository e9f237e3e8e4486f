using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>The models of the report's tables 3.2 and 4.2, on the report's kind of card, or as small relatives on a processor: <c>recipes/studies/models.yaml</c>.</summary>
/// <param name="Names">What <c>--model</c> takes.</param>
/// <param name="Set">What is set for all, so that they are compared at one size and for one time.</param>
public sealed record StudyModels(ImmutableArray<string> Names, ImmutableArray<string> Set)
{
    /// <summary>How far from the wanted size a model's own may be, pixels.</summary>
    private const int Reach = 64;

    /// <summary>Those for a device.</summary>
    public static StudyModels For(bool cuda)
    {
        var path = Path.Combine(StudyChanges.Folder, "models.yaml");
        var part = (JsonObject)((JsonObject)RecipeFile.ReadYaml(File.ReadAllText(path), path)!)[cuda ? "cuda" : "cpu"]!;
        return new StudyModels(
            [.. part["models"]!.AsArray().Select(n => n!.GetValue<string>())],
            [.. part["set"]!.AsObject().Select(s => $"{s.Key}={s.Value!.ToJsonString()}")]);
    }

    /// <summary>A model as a setting: at the wanted image size, or the nearest that it takes (patches of 14 pixels do not fill 128).</summary>
    /// <param name="name">The setting's name.</param>
    /// <param name="recipe">The recipe of the model.</param>
    /// <param name="classes">Classes of the data set.</param>
    /// <exception cref="RefusalException">The model takes no size near the wanted one.</exception>
    public static StudySetting Setting(string name, Recipe recipe, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var fitting = Fitting(recipe, classes);
        var architecture = RecipeModel.Build(fitting, classes);
        return new StudySetting(
            name, fitting, string.Create(CultureInfo.InvariantCulture, $"{architecture.Parameters / 1e6:0.0} M, {architecture.InputSize} px, {fitting.Epochs} epoch{(fitting.Epochs == 1 ? "" : "s")}"));
    }

    private static Recipe Fitting(Recipe recipe, int classes)
    {
        RefusalException? first = null;
        foreach (var size in recipe.ImageSize is { } wanted ? Enumerable.Range(0, (2 * Reach) + 1).Select(i => (int?)(wanted + (i % 2 == 0 ? i / 2 : -(i + 1) / 2))) : [null])
        {
            try
            {
                var one = size == recipe.ImageSize ? recipe : (recipe with { ImageSize = size }).Checked();
                RecipeModel.Build(one, classes);
                return one;
            }
            catch (RefusalException e)
            {
                first ??= e;
            }
            catch (UsageException) when (first is not null)
            {
                // Below the smallest image size.
            }
        }

        throw first!;
    }
}
