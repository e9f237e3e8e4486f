using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SketchFlow.Data.Messages;

/// <summary>A value in JSON or YAML whose type does not fit its place, described in the terms of those file formats.</summary>
/// <param name="Path">Path of the value: <c>loss.kind</c>, <c>sizes[0].size</c>.</param>
/// <param name="Found">The value, as JSON.</param>
/// <param name="Expected">Values that fit: <c>a whole number</c>, <c>one of adam, sgd</c>.</param>
public sealed partial record JsonTypeMismatch(string Path, string Found, string Expected)
{
    /// <summary>Describes the value that an exception of <see cref="JsonSerializer"/> reports.</summary>
    /// <param name="error">Exception thrown when <paramref name="root"/> was read as a <paramref name="type"/>.</param>
    /// <param name="root">The JSON that was read.</param>
    /// <param name="type">Type that it was read as.</param>
    /// <param name="options">Options of the reader: names and converters.</param>
    // An object of nodes with a repeated key cannot be searched, but its elements can.
    public static JsonTypeMismatch From(JsonException error, JsonNode? root, Type type, JsonSerializerOptions options) =>
        From(error, root is null ? default(JsonElement?) : JsonSerializer.SerializeToElement(root), type, options);

    /// <inheritdoc cref="From(JsonException, JsonNode?, Type, JsonSerializerOptions)"/>
    public static JsonTypeMismatch From(JsonException error, JsonElement? root, Type type, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(options);
        var (value, at) = (root, (Type?)type);
        foreach (Match part in Part().Matches(error.Path ?? ""))
        {
            if (part.Groups["index"] is { Success: true, Value: var index })
            {
                var number = int.Parse(index, CultureInfo.InvariantCulture);
                value = value is { ValueKind: JsonValueKind.Array } items && number < items.GetArrayLength() ? items[number] : null;
                at = at is null ? null : Element(at);
            }
            else
            {
                value = value is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(part.Groups["name"].Value, out var next) ? next : null;
                at = at is null ? null : options.GetTypeInfo(at).Properties.FirstOrDefault(p => p.Name == part.Groups["name"].Value)?.PropertyType;
            }

            at = at is null ? null : Nullable.GetUnderlyingType(at) ?? at;
        }

        var expected = at is null ? "another value" : Describe(at, value, options);
        return new JsonTypeMismatch((error.Path ?? "").TrimStart('$', '.'), PrintableText.Line(value?.GetRawText() ?? "null"), expected);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} is {Found}, expected {Expected}";

    private static string Describe(Type type, JsonElement? found, JsonSerializerOptions options)
    {
        string Name(object value) => JsonSerializer.Serialize(value, type, options).Trim('"');
        return type switch
        {
            { IsEnum: true } => Spelling.OneOf(
                found is { ValueKind: JsonValueKind.String } text ? text.GetRawText().Trim('"') : "", Enum.GetValues(type).Cast<object>().Select(Name)),
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(string) => "text",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(double) || type == typeof(float) => "a number",
            _ when Element(type) is not null => "a list",
            _ => $"a mapping with {string.Join(", ", options.GetTypeInfo(type).Properties.Select(p => p.Name))}",
        };
    }

    private static Type? Element(Type type) => type.GetInterfaces().Append(type)
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\[(?<index>\d+)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
