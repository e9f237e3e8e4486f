using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Converts YAML to JSON nodes and back, by YAML 1.2's core schema, with exact numbers. All YAML of the program is read here.</summary>
/// <remarks>YamlDotNet's own reading of untyped scalars tries float before double, which loses half of a double's digits.</remarks>
public static partial class YamlJson
{
    private static readonly ISerializer Serializer = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).Build();

    /// <summary>Reads the first document of a text; null where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Name of the text in messages, such as its file.</param>
    /// <exception cref="RefusalException">The text is not YAML; the message names the line.</exception>
    public static JsonNode? Read(string text, string source) => Read(text, source, Scalar);

    /// <summary>Reads the first document of a text without guessing types: every scalar but null is text, such as a hash that has only digits.</summary>
    /// <inheritdoc cref="Read(string, string)"/>
    public static JsonNode? ReadAsText(string text, string source) => Read(text, source, Text);

    /// <summary>Formats a JSON node as YAML.</summary>
    public static string Write(JsonNode? node) => Serializer.Serialize(Graph(node)!);

    private static JsonNode? Read(string text, string source, Func<YamlScalarNode, JsonValue?> scalar)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? null : Node(stream.Documents[0].RootNode, scalar);
        }
        catch (YamlException e)
        {
            throw new RefusalException($"{source} is not YAML: {(e.InnerException ?? e).Message.TrimEnd('.')} (line {e.Start.Line}).", e);
        }
    }

    private static object? Graph(JsonNode? node) => node switch
    {
        JsonObject map => map.ToDictionary(p => p.Key, p => Graph(p.Value)),
        JsonArray list => list.Select(Graph).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
            _ => null,
        },
        _ => null,
    };

    private static JsonNode? Node(YamlNode node, Func<YamlScalarNode, JsonValue?> scalar) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(Key(c.Key), Node(c.Value, scalar)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(c => Node(c, scalar))]),
        YamlScalarNode value => scalar(value),
        _ => null,
    };

    private static string Key(YamlNode key) => key is YamlScalarNode { Value: { } name }
        ? name
        : throw new YamlException(key.Start, key.End, "a key must be a plain word");

    private static JsonValue? Text(YamlScalarNode scalar) =>
        scalar is { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" } ? null : JsonValue.Create(scalar.Value ?? "");

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Whole().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                JsonValue.Create(whole),
            _ when Real().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) =>
                JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    [GeneratedRegex(@"^[-+]?[0-9]+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Real();
}
