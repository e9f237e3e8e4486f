using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Reduces the sections with kinds (loss, optimizer, schedule) of a merged recipe to the keys of their kinds.</summary>
/// <remarks>
/// A key that the kind does not have is an error where the same layer (file, or the command line's overrides) chose the kind. Otherwise it belongs to a kind
/// that another layer replaced, and is dropped.
/// </remarks>
internal sealed class RecipeKinds
{
    private readonly RecipeLayers _layers;
    private readonly ImmutableArray<DroppedKey>.Builder _dropped = ImmutableArray.CreateBuilder<DroppedKey>();

    private RecipeKinds(RecipeLayers layers) => _layers = layers;

    /// <summary>Writes the kind into every section and removes the keys that it does not have.</summary>
    /// <param name="layers">The merged recipe, which is changed.</param>
    /// <returns>The keys that were dropped.</returns>
    /// <exception cref="UsageException">A kind is unknown, a key does not belong to the kind that its layer chose, or a value has another type.</exception>
    public static ImmutableArray<DroppedKey> Resolve(RecipeLayers layers)
    {
        var kinds = new RecipeKinds(layers);
        foreach (var (name, _) in RecipeSchema.KeysOf(typeof(Recipe)))
        {
            if (RecipeSchema.KindsOf(name) is { } type && layers.Tree.TryGetPropertyValue(name, out var node))
            {
                kinds.Resolve(name, type, node);
            }
        }

        return kinds._dropped.ToImmutable();
    }

    private void Resolve(string section, Type type, JsonNode? node)
    {
        if (node is not JsonObject keys)
        {
            var known = RecipeSchema.KeysOf(type).Select(k => k.Name);
            throw Misfit(section, node, $"a mapping with {string.Join(", ", known)}");
        }

        var kind = KindOf(section, type, keys);
        var options = KindRegistry.OptionsOf(kind).ToDictionary(KindRegistry.KeyOf, StringComparer.Ordinal);
        foreach (var (key, value) in keys.Where(k => k.Key != KindJson.Discriminator).ToList())
        {
            if (!options.TryGetValue(key, out var option))
            {
                Drop(section, type, kind, key);
                keys.Remove(key);
            }
            else if (value is null && !IsNullable(option))
            {
                // null stands for the default of the kind.
                keys.Remove(key);
            }
        }

        // The discriminator comes first, so that the serializer reads it before the options.
        keys.Remove(KindJson.Discriminator);
        keys.Insert(0, KindJson.Discriminator, KindRegistry.NameOf(kind));
        try
        {
            _ = keys.Deserialize(kind, RecipeFile.Json);
        }
        catch (JsonException e)
        {
            var misfit = JsonTypeMismatch.From(e, keys, kind, RecipeFile.Json);
            var place = _layers.Locate($"{section}.{misfit.Path}");
            throw new UsageException($"{section}.{misfit.Path} is {misfit.Found} in {place}, expected {misfit.Expected}.", e);
        }
    }

    private Type KindOf(string section, Type type, JsonObject keys)
    {
        var known = KindRegistry.Known(type);
        if (keys[KindJson.Discriminator] is not { } chosen)
        {
            return RecipeFile.Defaults[section];
        }

        return chosen is JsonValue value && value.TryGetValue<string>(out var name) && known.TryGetValue(name, out var kind)
            ? kind
            : throw Misfit($"{section}.{KindJson.Discriminator}", chosen, Spelling.OneOf(chosen is JsonValue text ? text.ToString() : "", known.Keys));
    }

    private void Drop(string section, Type type, Type kind, string key)
    {
        var name = KindRegistry.NameOf(kind);
        var origins = _layers.OriginsOf(section, key).Select(o => o.Layer).ToHashSet(StringComparer.Ordinal);
        var chosen = _layers.OriginsOf(section, KindJson.Discriminator).Where(o => o.Value is not null).ToList();
        if (chosen.Count > 0 && chosen[^1].Layer is var layer && origins.Contains(layer) && !_layers.HasAllKinds(layer, section))
        {
            // Of several kinds in one list of overrides the last one holds; a key of an earlier one was replaced with it.
            var replaced = chosen.SkipLast(1).Where(o => o.Layer == layer).Select(o => o.Value!.ToString());
            if (!replaced.Any(r => Has(type, r, key)))
            {
                var owners = KindRegistry.Known(type).Keys.Where(k => Has(type, k, key));
                var own = KindRegistry.OptionsOf(kind).Select(KindRegistry.KeyOf);
                throw new UsageException(
                    $"{section}.{key} is not a setting of {name} but of {string.Join(", ", owners)}; those of {name} are {string.Join(", ", own)}.");
            }
        }

        // Files of older versions contain the keys of all kinds; these keys were not chosen by the user.
        if (origins.FirstOrDefault(o => !_layers.HasAllKinds(o, section)) is { } source)
        {
            _dropped.Add(new DroppedKey($"{section}.{key}", name, source == RecipeLayers.Overrides ? source : Path.GetFileName(source)));
        }
    }

    private static bool Has(Type type, string kind, string key) =>
        KindRegistry.Known(type).TryGetValue(kind, out var found) && KindRegistry.OptionsOf(found).Any(o => KindRegistry.KeyOf(o) == key);

    private static bool IsNullable(PropertyInfo option) =>
        !option.PropertyType.IsValueType || Nullable.GetUnderlyingType(option.PropertyType) is not null;

    private UsageException Misfit(string path, JsonNode? found, string expected) =>
        new($"{path} is {PrintableText.Line(found?.ToJsonString() ?? "null")} in {_layers.Locate(path)}, expected {expected}.");
}
