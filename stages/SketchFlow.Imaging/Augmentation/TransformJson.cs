using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>
/// Reads and writes transforms in recipes: <c>{"rotate": {"limit": 15, "p": 0.5}}</c>, or <c>"rotate"</c> alone for the defaults; options in snake_case.
/// </summary>
/// <exception cref="RefusalException">A transform or option is unknown (the message lists the known ones), or a value is invalid.</exception>
public sealed class TransformJson : JsonConverter<Transform>
{
    /// <summary>JSON options with this converter, snake_case names and enumerations as text.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new TransformJson(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Reads a list of transforms and checks each.</summary>
    public static IReadOnlyList<Transform> ReadList(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<List<Transform>>(json, Options) ?? [];
        }
        catch (JsonException e)
        {
            throw new RefusalException($"Expected a list of transforms such as [{{\"rotate\": {{\"limit\": 15}}}}], got something else at {e.Path ?? "$"}.", e);
        }
    }

    /// <summary>Writes a list of transforms with all their options.</summary>
    public static string WriteList(IEnumerable<Transform> transforms) => JsonSerializer.Serialize(transforms.ToList(), Options);

    /// <inheritdoc/>
    public override Transform Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var item = document.RootElement;
        if (item.ValueKind == JsonValueKind.String)
        {
            return Transform.Default(item.GetString()!);
        }

        if (item.ValueKind != JsonValueKind.Object || item.EnumerateObject().Count() != 1)
        {
            throw new RefusalException($"Expected a transform such as {{\"name\": {{options}}}}, got {item.GetRawText()}.");
        }

        var named = item.EnumerateObject().First();
        return From(named.Name, named.Value);
    }

    /// <summary>Creates a transform from its name and an object of options.</summary>
    public static Transform From(string name, JsonElement given)
    {
        if (Transform.FindNotation(name) is not null && given.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        {
            throw new RefusalException($"{name} is a notation that contains its options; write it alone, or use timm-rand-augment with options.");
        }

        if (given.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return Transform.Default(name);
        }

        var type = Transform.TypeOf(name);
        if (given.ValueKind != JsonValueKind.Object)
        {
            throw new RefusalException($"{name}: expected an options object such as {{\"p\": 0.5}}, got {given.GetRawText()}.");
        }

        if (FindRepeated(given) is { } repeated)
        {
            throw new RefusalException($"{name}: \"{repeated}\" is given twice; remove one of them.");
        }

        var known = Transform.OptionsOf(type).Select(o => Transform.SplitWords(o.Name, '_')).ToList();
        foreach (var option in given.EnumerateObject())
        {
            if (!known.Contains(option.Name, StringComparer.Ordinal))
            {
                throw new RefusalException(
                    $"{name} has no option \"{option.Name}\"{Spelling.DidYouMean(option.Name, known)}; known options: {string.Join(", ", known)}.");
            }
        }

        try
        {
            var transform = (Transform)given.Deserialize(type, Options)!;
            transform.Check();
            return transform;
        }
        catch (JsonException e)
        {
            throw new RefusalException($"{name}: {JsonTypeMismatch.From(e, given, type, Options)}.", e);
        }
    }

    // JSON allows a key twice and readers then take either value.
    private static string? FindRepeated(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().CountBy(member => member.Name).Where(c => c.Value > 1).Select(c => c.Key).FirstOrDefault()
            ?? value.EnumerateObject().Select(member => FindRepeated(member.Value)).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => value.EnumerateArray().Select(FindRepeated).FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Transform value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(value.Name.Replace('-', '_'));
        foreach (var option in Transform.OptionsOf(value.GetType()))
        {
            writer.WritePropertyName(Transform.SplitWords(option.Name, '_'));
            JsonSerializer.Serialize(writer, option.GetValue(value), option.PropertyType, Options);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
