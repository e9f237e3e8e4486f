using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>
/// Models of the report's tables 3.2 and 4.2 for a GPU, or small models from the same families for a CPU: <c>recipes/studies/models.yaml</c>.
/// </summary>
/// <param name="Names">Values of <c>--model</c>.</param>
/// <param name="Set">Overrides of all models, so that they are compared at the same image size and for the same time.</param>
public sealed record StudyModels(ImmutableArray<string> Names, ImmutableArray<string> Set)
{
    /// <summary>Largest accepted distance between the requested image size and the model's, in pixels.</summary>
    private const int MaxSizeDifference = 64;

    /// <summary>Reads the models for a device.</summary>
    /// <param name="cuda">Whether the device is a GPU.</param>
    public static StudyModels For(bool cuda)
    {
        var path = Path.Combine(StudyChanges.Folder, "models.yaml");
        var part = (JsonObject)((JsonObject)YamlJson.ReadFile(path)!)[cuda ? "cuda" : "cpu"]!;
        return new StudyModels(
            [.. part["models"]!.AsArray().Select(n => n!.GetValue<string>())],
            [.. part["set"]!.AsObject().Select(s => RecipeOverride.Create(s.Key, s.Value))]);
    }

    /// <summary>
    /// Makes a model a setting, at the requested image size or the nearest one that it accepts (128 pixels are no multiple of 14-pixel patches).
    /// </summary>
    /// <param name="name">Name of the setting.</param>
    /// <param name="recipe">Recipe of the model.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="RefusalException">The model accepts no size near the requested one.</exception>
    public static StudySetting Setting(string name, Recipe recipe, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var fitting = WithAcceptedSize(recipe, classes);
        var architecture = RecipeModel.Build(fitting, classes);
        return new StudySetting(name, fitting, string.Create(
            CultureInfo.InvariantCulture,
            $"{architecture.Parameters / 1e6:0.0} M, {architecture.InputSize} px, {Plural.Of(fitting.Epochs, "epoch")}"));
    }

    private static Recipe WithAcceptedSize(Recipe recipe, int classes)
    {
        RefusalException? first = null;
        foreach (var size in recipe.ImageSize is { } wanted ? SizesNear(wanted) : [null])
        {
            try
            {
                var candidate = size == recipe.ImageSize ? recipe : (recipe with { ImageSize = size }).Checked();
                RecipeModel.Build(candidate, classes);
                return candidate;
            }
            catch (RefusalException e)
            {
                first ??= e;
            }
            catch (UsageException) when (first is not null)
            {
                // The size is below the smallest image size.
            }
        }

        throw first!;
    }

    private static IEnumerable<int?> SizesNear(int wanted) =>
        Enumerable.Range(0, (2 * MaxSizeDifference) + 1).Select(i => (int?)(wanted + (i % 2 == 0 ? i / 2 : -(i + 1) / 2)));
}
