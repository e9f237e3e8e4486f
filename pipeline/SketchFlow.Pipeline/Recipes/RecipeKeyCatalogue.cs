using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Pipeline.Recipes.Grouping;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Describes every key of a recipe from its source: defaults from the records, ranges from the checks, meanings from the documentation comments.
/// </summary>
public sealed class RecipeKeyCatalogue
{
    private readonly Recipe _default = new();
    private readonly Dictionary<Assembly, XmlDocumentation> _documentation = [];
    private readonly ILookup<string, string> _ranges;
    private readonly IReadOnlyDictionary<string, string> _defaults;
    private readonly ILookup<string, string> _names = RecipeAliases.Keys.OrderBy(a => a.Key, StringComparer.Ordinal)
        .ToLookup(alias => alias.Value, alias => alias.Key, StringComparer.Ordinal);

    private RecipeKeyCatalogue()
    {
        _defaults = RecipeKeys.Flatten(_default);
        _ranges = _default.Checks().SelectMany(check => check.Key.Split(" and ").Select(key => (Key: key, check.Expected)))
            .ToLookup(check => check.Key, check => check.Expected, StringComparer.Ordinal);
    }

    /// <summary>Describes every key, in the order of the recipe; an option that differs between kinds is described once for each meaning.</summary>
    /// <exception cref="RefusalException">The documentation file is missing.</exception>
    public static ImmutableArray<RecipeKeyDescription> All()
    {
        var catalogue = new RecipeKeyCatalogue();
        return [.. catalogue.Describe(typeof(Recipe), "")];
    }

    /// <summary>Formats keys as a Markdown table.</summary>
    /// <param name="keys">The keys.</param>
    public static string Markdown(IEnumerable<RecipeKeyDescription> keys) => MarkdownTable.Write(
        ["key", "type", "default", "values", "meaning", "other names"],
        keys.Select(key => (string[])
        [
            $"`{key.Key}`", key.Type, key.Default, key.Range, key.Kinds.IsEmpty ? key.Summary : $"{key.Summary} Of {string.Join(", ", key.Kinds)}.",
            string.Join(", ", key.Names.Select(name => $"`{name}`")),
        ]));

    private IEnumerable<RecipeKeyDescription> Describe(Type section, string prefix)
    {
        foreach (var property in section.GetProperties().Where(p => p.CanWrite && p.GetIndexParameters().Length == 0))
        {
            var (key, type) = (prefix + KindRegistry.KeyOf(property), property.PropertyType);
            var rows = KindRegistry.IsSection(type) ? DescribeKinds(property, key)
                : type != typeof(SampleGrouping) && !RecipeSchema.KeysOf(type).IsEmpty ? Describe(type, $"{key}.")
                : [DescribeValue(property, key)];
            foreach (var row in rows)
            {
                yield return row;
            }
        }
    }

    private RecipeKeyDescription DescribeValue(PropertyInfo property, string key) => new(
        key, NameOf(property.PropertyType), _defaults[key],
        string.Join("; ", _ranges[key]) is { Length: > 0 } range ? range : Choices(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType),
        [], [.. _names[key]], SummaryOf(property));

    // One row for the kind, and one for each option and meaning.
    private IEnumerable<RecipeKeyDescription> DescribeKinds(PropertyInfo property, string section)
    {
        var kinds = KindCatalogue.All().Where(kind => kind.Section == section).ToList();
        var chosen = $"{section}.{KindJson.Discriminator}";
        var types = RecipeSchema.KeysOf(property.PropertyType).ToDictionary(key => key.Name, key => key.Type, StringComparer.Ordinal);
        var options = kinds.SelectMany(kind => kind.Options.Select(option => (Kind: kind.Name, Option: option)))
            .GroupBy(pair => (pair.Option.Key, pair.Option.Default, pair.Option.Range, pair.Option.Summary))
            .Select(group => new RecipeKeyDescription(
                $"{section}.{group.Key.Key}", NameOf(types[group.Key.Key]), group.Key.Default, group.Key.Range,
                group.Count() == kinds.Count ? [] : [.. group.Select(pair => pair.Kind)], [.. _names[$"{section}.{group.Key.Key}"]], group.Key.Summary));
        return options.OrderBy(option => option.Key, StringComparer.Ordinal)
            .Prepend(new(
                chosen, "choice", _defaults[chosen], string.Join(", ", kinds.Select(kind => kind.Name)), [], [.. _names[chosen]], SummaryOf(property)));
    }

    private string SummaryOf(PropertyInfo property)
    {
        var assembly = property.DeclaringType!.Assembly;
        if (!_documentation.TryGetValue(assembly, out var documentation))
        {
            _documentation[assembly] = documentation = XmlDocumentation.Read(assembly);
        }

        return documentation.SummaryOf(property);
    }

    private static string Choices(Type type) => type == typeof(bool) ? "true, false"
        : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))
        : type == typeof(ImmutableArray<Transform>) ? $"a list, or a preset: {string.Join(", ", AugmentationPreset.Names)}"
        : "";

    private static string NameOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(bool) => "flag",
        var t when t == typeof(int) || t == typeof(long) => "integer",
        var t when t == typeof(double) => "number",
        var t when t == typeof(string) => "text",
        { IsEnum: true } => "choice",
        var t when t == typeof(ImmutableArray<Transform>) => "transforms",
        var t when t == typeof(SampleGrouping) => "mapping",
        _ => "list",
    };
}
