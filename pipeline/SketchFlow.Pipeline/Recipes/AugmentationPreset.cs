using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Augmentations by name: files in <c>recipes/augmentations</c>, which a recipe may give as its <c>augmentation</c>.</summary>
public static class AugmentationPreset
{
    private static string Folder => Path.Combine(RecipeFile.Folder, "augmentations");

    /// <summary>Names of the presets.</summary>
    public static ImmutableArray<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>Reads a preset: the keys <c>augmentation</c> and <c>preparation</c> of a recipe.</summary>
    /// <exception cref="UsageException">There is no preset of that name; the message lists the known ones.</exception>
    /// <exception cref="RefusalException">The file sets other keys.</exception>
    internal static JsonObject Read(string name)
    {
        if (!Names.Contains(name))
        {
            throw new UsageException(
                $"augmentation is \"{name}\", which is not a preset{Spelling.DidYouMean(name, Names)}; the presets are {string.Join(", ", Names)}, "
                + "or write a list of transforms.");
        }

        var file = Path.Combine(Folder, $"{name}.yaml");
        var preset = YamlJson.ReadFile(file) as JsonObject ?? throw new RefusalException($"{file} is not a preset, expected a mapping.");
        preset.Remove("description");
        return preset.FirstOrDefault(p => p.Key is not ("augmentation" or "preparation")) is { Key: { } other }
            ? throw new RefusalException($"{file} sets {other}; a preset sets description, augmentation and preparation only.")
            : preset;
    }
}
