using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SketchFlow.Data.Messages;

/// <summary>A value in JSON, and so in YAML, that does not fit where it stands, in the words of people who write such files.</summary>
/// <param name="Path">Its path: <c>loss.kind</c>, <c>sizes[0].size</c>.</param>
/// <param name="Found">The value, as JSON.</param>
/// <param name="Expected">What belongs there: <c>a whole number</c>, <c>one of adam, sgd</c>.</param>
public sealed partial record JsonTypeMismatch(string Path, string Found, string Expected)
{
    /// <summary>What an exception of <see cref="JsonSerializer"/> is about.</summary>
    /// <param name="error">Thrown when <paramref name="root"/> was read as a <paramref name="type"/>.</param>
    /// <param name="root">What was read.</param>
    /// <param name="type">What it was read as.</param>
    /// <param name="options">With which names and converters.</param>
    public static JsonTypeMismatch From(JsonException error, JsonNode? root, Type type, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(options);
        var (node, at) = (root, (Type?)type);
        foreach (Match part in Part().Matches(error.Path ?? ""))
        {
            if (part.Groups["index"] is { Success: true, Value: var index })
            {
                node = node is JsonArray items ? items.ElementAtOrDefault(int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)) : null;
                at = at is null ? null : Element(at);
            }
            else
            {
                node = node is JsonObject members && members.TryGetPropertyValue(part.Groups["name"].Value, out var next) ? next : null;
                at = at is null ? null : options.GetTypeInfo(at).Properties.FirstOrDefault(p => p.Name == part.Groups["name"].Value)?.PropertyType;
            }

            at = at is null ? null : Nullable.GetUnderlyingType(at) ?? at;
        }

        return new JsonTypeMismatch((error.Path ?? "").TrimStart('$', '.'), node?.ToJsonString() ?? "null", at is null ? "something else" : Words(at, options));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} is {Found}, where {Expected} is expected";

    private static string Words(Type type, JsonSerializerOptions options) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.Serialize(v, type, options).Trim('"')))}",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "text",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) || type == typeof(float) => "a number",
        _ when Element(type) is not null => "a list",
        _ => $"a mapping with {string.Join(", ", options.GetTypeInfo(type).Properties.Select(p => p.Name))}",
    };

    private static Type? Element(Type type) => type.GetInterfaces().Append(type)
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\[(?<index>\d+)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
