using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Pipeline.Recipes.Grouping;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>The keys of a recipe, section by section.</summary>
internal static class RecipeSchema
{
    /// <summary>Lists the keys of a section with their types; of a section with kinds those of all kinds, kind first. Empty for a single value.</summary>
    public static ImmutableArray<(string Name, Type Type)> KeysOf(Type section)
    {
        if (KindRegistry.IsSection(section))
        {
            return
            [
                (KindJson.Discriminator, typeof(string)),
                .. KindRegistry.Known(section).Values.SelectMany(KindRegistry.OptionsOf)
                    .Select(o => (Name: KindRegistry.KeyOf(o), o.PropertyType)).DistinctBy(o => o.Name),
            ];
        }

        if (section == typeof(SampleGrouping))
        {
            return [.. SampleGrouping.Keys.Select(key => (key, typeof(string)))];
        }

        var type = RecipeFile.Json.GetTypeInfo(section);
        return type.Kind == JsonTypeInfoKind.Object ? [.. type.Properties.Select(p => (p.Name, p.PropertyType))] : [];
    }

    /// <summary>Returns the abstract record of a section with kinds, such as <c>loss</c>; null for other keys.</summary>
    /// <param name="section">Key at the top level of a recipe.</param>
    public static Type? KindsOf(string section) =>
        KeysOf(typeof(Recipe)).FirstOrDefault(k => k.Name == section).Type is { } type && KindRegistry.IsSection(type) ? type : null;

    /// <summary>Returns whether a path is that of one value of a recipe.</summary>
    /// <param name="path">The parts of the dotted path.</param>
    public static bool IsKey(IEnumerable<string> path)
    {
        var type = typeof(Recipe);
        foreach (var part in path)
        {
            if (KeysOf(type).FirstOrDefault(k => k.Name == part).Type is not { } inner)
            {
                return false;
            }

            type = inner;
        }

        return KeysOf(type).IsEmpty;
    }

    /// <summary>Lists the dotted paths of all values of a recipe; of a section with kinds those of all kinds.</summary>
    public static IEnumerable<string> Paths() => Paths(typeof(Recipe), "");

    private static IEnumerable<string> Paths(Type section, string prefix) => KeysOf(section).SelectMany(key =>
        KeysOf(key.Type).IsEmpty || key.Type == typeof(SampleGrouping) ? [prefix + key.Name] : Paths(key.Type, $"{prefix}{key.Name}."));

    /// <summary>Checks that every key of a tree is known.</summary>
    /// <exception cref="UsageException">A key is unknown; the message lists the known ones.</exception>
    public static void Check(JsonObject tree) => Check(tree, typeof(Recipe), "");

    /// <summary>Removes keys without a value, which stand for the default, where the key cannot be null; refuses lists with empty items.</summary>
    /// <param name="tree">The merged recipe, whose keys are known.</param>
    /// <param name="locate">Names the place that sets a path.</param>
    /// <exception cref="UsageException">An item of a list has no value; the message names it.</exception>
    public static void RemoveNulls(JsonObject tree, Func<string, string> locate) => RemoveNulls(tree, typeof(Recipe), "", locate);

    /// <summary>Returns the type of a key of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <param name="path">Dotted path of the key, for the message.</param>
    /// <exception cref="UsageException">The key is unknown; the message lists the known ones.</exception>
    public static Type TypeOf(Type section, string key, string path)
    {
        var known = KeysOf(section);
        return known.FirstOrDefault(k => k.Name == key).Type ?? throw Unknown(key, path, [.. known.Select(k => k.Name)]);
    }

    private static void RemoveNulls(JsonObject tree, Type section, string path, Func<string, string> locate)
    {
        var type = RecipeFile.Json.GetTypeInfo(section);
        foreach (var (key, value) in tree.ToList())
        {
            var property = type.Properties.FirstOrDefault(p => p.Name == key);
            if (value is null && property is not null && !KindRegistry.IsSection(property.PropertyType) && !IsNullable(property))
            {
                tree.Remove(key);
            }
            else if (value is JsonObject inner && property is not null && !KindRegistry.IsSection(property.PropertyType)
                && RecipeFile.Json.GetTypeInfo(property.PropertyType).Kind == JsonTypeInfoKind.Object)
            {
                RemoveNulls(inner, property.PropertyType, $"{path}{key}.", locate);
            }
            else if (value is JsonArray)
            {
                CheckItems(value, path + key, locate);
            }
        }
    }

    private static void CheckItems(JsonNode list, string path, Func<string, string> locate)
    {
        foreach (var (item, index) in list.AsArray().Select((item, index) => (item, index)))
        {
            if (item is null)
            {
                throw new UsageException($"{path}[{index}] has no value in {locate($"{path}[{index}]")}; add a value, or remove the item.");
            }

            if (item is JsonArray inner)
            {
                CheckItems(inner, $"{path}[{index}]", locate);
            }
        }
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable;

    private static UsageException Unknown(string key, string path, string[] known) => new(known.Length == 0
        ? $"{path} is not a setting: {path[..Math.Max(0, path.LastIndexOf('.'))]} is a single value."
        : $"{path} is not a setting{DidYouMean(key, path, known)}; the known settings are {string.Join(", ", known)}.");

    // Of the section first, then of the whole recipe, by their last words and by the names of other tools.
    private static string DidYouMean(string key, string path, string[] known)
    {
        if (Spelling.DidYouMean(key, known) is { Length: > 0 } near)
        {
            return near;
        }

        var last = path[(path.LastIndexOf('.') + 1)..];
        var names = Paths().Select(p => (Name: p[(p.LastIndexOf('.') + 1)..], Path: p)).Concat(RecipeAliases.Keys.Select(a => (Name: a.Key, Path: a.Value)));
        return Spelling.Suggest(last, names.Select(n => n.Name)) is { } found ? $" (did you mean '{names.First(n => n.Name == found).Path}'?)" : "";
    }

    private static void Check(JsonObject tree, Type section, string path)
    {
        foreach (var (key, value) in tree)
        {
            var type = TypeOf(section, key, path + key);
            if (value is JsonObject inner && !KeysOf(type).IsEmpty)
            {
                Check(inner, type, $"{path}{key}.");
            }
        }
    }
}
