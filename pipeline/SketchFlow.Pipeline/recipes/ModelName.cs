using System.Text.Json.Nodes;
using SketchFlow.Learning.Models;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>What <c>--model</c> names: a recipe file, a recipe, a family, or a timm architecture.</summary>
public static class ModelName
{
    /// <summary>Finds the recipe.</summary>
    /// <param name="name">A path to a YAML file; a recipe's name; a family (<c>convnext</c>), which resolves by device; or an architecture.</param>
    /// <param name="cuda">Whether the run will be on a card.</param>
    /// <returns>The file, what to set on top of it, the run's short name, and a sentence on how the name was understood.</returns>
    /// <exception cref="RefusalException">Nothing has that name; the sentence lists what is near.</exception>
    public static (string File, string[] Set, string Name, string Sentence) Resolve(string name, bool cuda)
    {
        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.Contains('/', StringComparison.Ordinal))
        {
            return (Path.GetFullPath(name), [], Path.GetFileNameWithoutExtension(name), $"{name} is a recipe file.");
        }

        var models = (JsonObject)RecipeFile.ReadYaml(File.ReadAllText(Path.Combine(RecipeFile.Folder, "models.yaml")), "models.yaml")!;
        if (models["families"]![name] is JsonObject family)
        {
            var device = cuda ? "cuda" : "cpu";
            var recipe = family[device]!.GetValue<string>();
            return (PathOf(recipe), [], recipe, $"{name} on {device} is the recipe {recipe}.");
        }

        if (File.Exists(PathOf(name)))
        {
            return (PathOf(name), [], name, $"{name} is a recipe.");
        }

        var architecture = Zoo.Build(name, new ModelOptions()).Name; // Refuses unknown names, with the near ones.
        var settings = models["architectures"]!.AsArray().Select(row => row!.AsObject())
            .First(row => architecture.StartsWith(row["prefix"]!.GetValue<string>(), StringComparison.Ordinal))["recipe"]!.GetValue<string>();
        return (PathOf(settings), [$"architecture={architecture}"], architecture, $"{name} is an architecture; it is trained with the settings of the recipe {settings}.");
    }

    private static string PathOf(string recipe) => Path.Combine(RecipeFile.Folder, $"{recipe}.yaml");
}
