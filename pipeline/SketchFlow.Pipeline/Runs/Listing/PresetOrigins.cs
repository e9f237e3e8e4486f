using System.Text.Json.Nodes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Runs.Listing;

/// <summary>Finds the augmentation preset that a run was trained with, to tell its other settings from those that the user changed.</summary>
internal sealed class PresetOrigins
{
    private const string Augmentation = "augmentation";
    private const string Preparation = "preparation";

    private readonly Lazy<IReadOnlyList<(string Name, Dictionary<string, string> Settings)>> _presets = new(() => [.. AugmentationPreset.Names.Select(Read)]);

    /// <summary>Finds the preset whose settings a recipe has; null if there is none.</summary>
    /// <param name="recipe">The flattened recipe.</param>
    /// <returns>Name of the preset, and the settings of a recipe that it sets.</returns>
    public (string Name, IReadOnlyDictionary<string, string> Settings)? Find(IReadOnlyDictionary<string, string> recipe)
    {
        foreach (var (name, settings) in _presets.Value)
        {
            if (settings.All(s => recipe.GetValueOrDefault(s.Key) == s.Value))
            {
                return (name, settings);
            }
        }

        return null;
    }

    private static (string Name, Dictionary<string, string> Settings) Read(string name)
    {
        var preparation = (AugmentationPreset.Read(name)[Preparation] as JsonObject ?? []).Select(p => $"{Preparation}.{p.Key}");
        var recipe = RecipeKeys.Flatten(RecipeFile.Load(RecipeFile.Find("resnet18"), [$"{Augmentation}={name}"]));
        return (name, preparation.Prepend(Augmentation).ToDictionary(key => key, key => recipe[key], StringComparer.Ordinal));
    }
}
