using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Pipeline.Recipes.Grouping;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Reads recipes from YAML, with inheritance by <c>extends</c>, presets and <c>--set</c>, checks every key, and writes them back in full.</summary>
public static partial class RecipeFile
{
    /// <summary>Form of recipes in JSON, and so in YAML: keys and enumerations in snake case, sections with kinds as <c>{"kind": "focal", …}</c>.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RemoveComputed, KindJson.AddKinds } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new TransformJson(), new SampleGroupingJson() },
    };

    // Kinds of the sections of a recipe that names none, by section.
    internal static ImmutableDictionary<string, Type> Defaults { get; } = typeof(Recipe).GetProperties()
        .Where(p => KindRegistry.IsSection(p.PropertyType))
        .ToImmutableDictionary(p => KindRegistry.KeyOf(p), p => p.GetValue(new Recipe())!.GetType(), StringComparer.Ordinal);

    /// <summary>Reads a recipe file with everything that it extends, applies overrides, and checks it.</summary>
    /// <param name="file">A YAML file.</param>
    /// <param name="overrides">Overrides, each <c>path.to.key=value</c>; the value is YAML.</param>
    /// <exception cref="RefusalException">The file is missing or not a recipe.</exception>
    /// <exception cref="UsageException">A key is unknown or a value does not fit.</exception>
    public static Recipe Load(string file, IEnumerable<string> overrides) => Read(file, overrides).Recipe;

    /// <summary>Reads a recipe file as <see cref="Load"/>, and reports the keys that were not used.</summary>
    /// <inheritdoc cref="Load"/>
    public static LoadedRecipe Read(string file, IEnumerable<string> overrides)
    {
        string[] settings = [.. overrides];
        var layers = RecipeLayers.Read(file);
        Override(layers, settings);
        if (layers.Tree["augmentation"] is JsonValue named && named.TryGetValue<string>(out var name))
        {
            // A preset overrides the recipe, whose preparation it may change, and the command line overrides the preset.
            var preset = AugmentationPreset.Read(name);
            layers = RecipeLayers.Read(file);
            layers.Tree["augmentation"] = null;
            layers.MergePreset(name, preset);
            Override(layers, settings);
            layers.Tree["augmentation"] = preset["augmentation"]?.DeepClone();
        }

        var set = (JsonObject)layers.Tree.DeepClone();
        TagPreprocessing.Fill(layers.Tree);
        var filled = (JsonObject)layers.Tree.DeepClone();
        RecipeSchema.Check(layers.Tree);
        SampleGroupingJson.Normalize(layers.Tree, layers.Locate);
        RecipeSchema.RemoveNulls(layers.Tree, layers.Locate);
        var dropped = RecipeKinds.Resolve(layers);
        return new LoadedRecipe(Parse(layers), dropped)
        {
            SourceOf = key => layers.FindSource(key) ?? (Has(filled, key) && !Has(set, key) ? $"weights {filled["pretrained"]}" : null),
        };
    }

    /// <summary>Formats a recipe as YAML with every value spelled out.</summary>
    public static string Write(Recipe recipe) => YamlJson.Write(JsonSerializer.SerializeToNode(recipe, Json));

    // Values that are computed from other settings (mixing.IsOn) are not settings: they would be written and, when read, silently ignored.
    private static void RemoveComputed(JsonTypeInfo type)
    {
        foreach (var computed in type.Properties.Where(p => p.Set is null && p.AssociatedParameter is null).ToList())
        {
            type.Properties.Remove(computed);
        }
    }

    private static bool Has(JsonObject tree, string key) =>
        key.Split('.').Aggregate((JsonNode?)tree, (node, part) => (node as JsonObject)?[part]) is not null;

    private static void Override(RecipeLayers layers, string[] settings)
    {
        foreach (var setting in settings)
        {
            layers.Override(setting);
        }
    }

    private static Recipe Parse(RecipeLayers layers)
    {
        var tree = layers.Tree;
        try
        {
            return (tree.Deserialize<Recipe>(Json) ?? new Recipe()).Checked();
        }
        catch (JsonException e)
        {
            var mismatch = JsonTypeMismatch.From(e, tree, typeof(Recipe), Json);
            throw new UsageException($"{mismatch.Path} is {mismatch.Found} in {layers.Locate(mismatch.Path)}, expected {mismatch.Expected}.", e);
        }
    }
}
