using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Converts YAML to JSON nodes and back, by YAML 1.2's core schema, with exact numbers. All YAML of the program is read here.</summary>
/// <remarks>YamlDotNet's own reading of untyped scalars tries float before double, which loses half of a double's digits.</remarks>
public static partial class YamlJson
{
    private static readonly ISerializer Serializer = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new ExactTextEmitter(next)).Build();

    // Reads bytes that are not UTF-8 as an error instead of replacing them. A byte order mark chooses UTF-8 or UTF-16.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the document of a text; null where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Name of the text in messages, such as its file.</param>
    /// <exception cref="RefusalException">The text is not one YAML document of a sensible size; the message names the line and the key.</exception>
    public static JsonNode? Read(string text, string source) => YamlReader.Read(text, source, Scalar);

    /// <summary>Reads the document of a text without guessing types: every scalar but null is text, such as a hash that has only digits.</summary>
    /// <inheritdoc cref="Read(string, string)"/>
    public static JsonNode? ReadAsText(string text, string source) => YamlReader.Read(text, source, Text);

    /// <summary>Reads the document of a file; null where there is none.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="RefusalException">
    /// The file cannot be read, or is not one YAML document of a sensible size; the message names the line and the key.
    /// </exception>
    public static JsonNode? ReadFile(string file) => YamlReader.Read(ReadText(file), file, Scalar);

    /// <summary>Reads the document of a file without guessing types, as <see cref="ReadAsText"/>.</summary>
    /// <inheritdoc cref="ReadFile(string)"/>
    public static JsonNode? ReadFileAsText(string file) => YamlReader.Read(ReadText(file), file, Text);

    /// <summary>Finds the lines of all keys of a file, by paths such as <c>data.path</c> and <c>sizes[0].size</c>.</summary>
    /// <inheritdoc cref="ReadFile(string)"/>
    public static IReadOnlyDictionary<string, long> FindLines(string file)
    {
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        YamlReader.Read(ReadText(file), file, Text, lines);
        return lines;
    }

    /// <summary>Formats a JSON node as YAML.</summary>
    public static string Write(JsonNode? node) => Serializer.Serialize(Graph(node)!);

    /// <summary>Returns whether a plain scalar is read as text, rather than as a number, a truth value or null.</summary>
    internal static bool IsText(string scalar)
    {
        var plain = new Scalar(AnchorName.Empty, TagName.Empty, scalar, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false);
        return Scalar(plain)?.GetValueKind() == JsonValueKind.String;
    }

    private static string ReadText(string file)
    {
        try
        {
            using var reader = new StreamReader(file, Strict, detectEncodingFromByteOrderMarks: true);
            var (text, block) = (new StringBuilder(), new char[1 << 14]);
            for (int read; text.Length <= YamlReader.MaxLength && (read = reader.Read(block)) > 0;)
            {
                text.Append(block, 0, read);
            }

            return text.ToString();
        }
        catch (DecoderFallbackException e)
        {
            throw new RefusalException($"{file} is not encoded in UTF-8; save it as UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{file} cannot be read: {e.Message.TrimEnd('.')}.", e);
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

    private static JsonValue? Text(Scalar scalar) =>
        scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" } ? null : JsonValue.Create(scalar.Value);

    private static JsonValue? Scalar(Scalar scalar)
    {
        var text = scalar.Value;
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
