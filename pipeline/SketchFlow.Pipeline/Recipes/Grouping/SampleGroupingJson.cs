using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Recipes.Grouping;

/// <summary>JSON and YAML form of groups: <c>{"column": NAME}</c>, <c>{"pattern": REGEX}</c> or <c>"twins"</c>.</summary>
public sealed class SampleGroupingJson : JsonConverter<SampleGrouping>
{
    private const string Twins = "twins";

    /// <summary>Checks the groups of a merged recipe and removes keys without a value, which an overriding recipe or <c>--set</c> leaves.</summary>
    /// <param name="recipe">The merged recipe, which is changed.</param>
    /// <param name="locate">Names the place that sets a path.</param>
    /// <exception cref="UsageException">The groups have another form.</exception>
    internal static void Normalize(JsonObject recipe, Func<string, string> locate)
    {
        if (recipe["data"] is not JsonObject data || data["group"] is not { } found)
        {
            return;
        }

        if (found is JsonObject keys)
        {
            keys.Where(k => k.Value is null).Select(k => k.Key).ToList().ForEach(k => keys.Remove(k));
            data["group"] = keys.Count == 0 ? null : keys.DeepClone();
            if (keys.Count == 0 || (keys.Count == 1 && IsText(keys.Single().Value)))
            {
                return;
            }
        }
        else if (found is JsonValue word && word.TryGetValue<string>(out var text) && text == Twins)
        {
            return;
        }

        throw new UsageException(
            $"data.group is {PrintableText.Line(found.ToJsonString())} in {locate("data.group")}, "
            + $"expected {{column: NAME}}, {{pattern: REGEX}}, {Twins} or null; "
            + "--set data.group.column=null removes a column.");
    }

    /// <inheritdoc/>
    public override SampleGrouping Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Twins))
        {
            return new SampleGrouping { Twins = true };
        }

        var keys = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException();
        return new SampleGrouping { Column = keys["column"]?.GetValue<string>(), Pattern = keys["pattern"]?.GetValue<string>() };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SampleGrouping value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Twins)
        {
            writer.WriteStringValue(Twins);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString(value.Column is not null ? "column" : "pattern", value.Column ?? value.Pattern);
        writer.WriteEndObject();
    }

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0;
}
