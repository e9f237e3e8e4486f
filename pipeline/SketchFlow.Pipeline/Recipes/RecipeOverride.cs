using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Builds and reads settings on top of a recipe in the form that <c>--set</c> takes: <c>path.to.key=value</c>, where the value is YAML.</summary>
public static class RecipeOverride
{
    // Every JSON string is a YAML string in double quotes: 2024, "dir #1" and "a: b" stay text.
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets a key to text, which is quoted so that YAML reads it back unchanged.</summary>
    /// <param name="key">Dotted path of the key, such as <c>data.path</c>.</param>
    /// <param name="value">The text.</param>
    public static string Create(string key, string value) => $"{key}={JsonSerializer.Serialize(value, Quoted)}";

    /// <summary>Sets a key to a number.</summary>
    /// <typeparam name="T">Type of the number.</typeparam>
    /// <param name="key">Dotted path of the key, such as <c>data.folds</c>.</param>
    /// <param name="value">The number.</param>
    public static string Create<T>(string key, T value)
        where T : INumber<T> => string.Create(CultureInfo.InvariantCulture, $"{key}={value}");

    /// <summary>Sets a key to a value given as JSON: a list, a mapping, null.</summary>
    /// <param name="key">Dotted path of the key, such as <c>preparation.mean</c>.</param>
    /// <param name="value">The value.</param>
    public static string Create(string key, JsonNode? value) => $"{key}={value?.ToJsonString(Quoted) ?? "null"}";

    /// <summary>Sets a key to text where there is a text, and nothing for null: an option that was not given.</summary>
    /// <param name="key">Dotted path of the key.</param>
    /// <param name="value">The text, or null.</param>
    /// <returns>One override or none.</returns>
    public static string[] Optional(string key, string? value) => value is null ? [] : [Create(key, value)];

    /// <summary>Sets a key to a number where there is a number, and nothing for null: an option that was not given.</summary>
    /// <typeparam name="T">Type of the number.</typeparam>
    /// <param name="key">Dotted path of the key.</param>
    /// <param name="value">The number, or null.</param>
    /// <returns>One override or none.</returns>
    public static string[] Optional<T>(string key, T? value)
        where T : struct, INumber<T> => value is { } number ? [Create(key, number)] : [];

    /// <summary>
    /// Splits an override into the parts of its key and its value. The key may be another name of <see cref="RecipeAliases"/>. A path without quotes is not
    /// read as YAML, so that folders may be named 2024, "dir #1" and "a: b".
    /// </summary>
    /// <param name="setting">The override: <c>path.to.key=value</c>.</param>
    /// <exception cref="UsageException">There is no key before an equals sign.</exception>
    /// <exception cref="RefusalException">The value is not YAML.</exception>
    public static (string[] Path, JsonNode? Value) Parse(string setting)
    {
        var at = setting.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw new UsageException($"--set {setting} has no key; expected --set path.to.key=value, such as --set optimizer.learning_rate=0.001.");
        }

        var (key, value) = (setting[..at], setting[(at + 1)..].Trim());
        if (key is "data.path" or "weights" && value is not (['"' or '\'', ..] or "" or "~" or "null" or "Null" or "NULL"))
        {
            return (key.Split('.'), JsonValue.Create(value));
        }

        // loss=focal chooses the kind of the section; loss={kind: focal} sets the section.
        var node = YamlJson.Read(value, $"the value of --set {setting}");
        return ((node is JsonValue || RecipeSchema.KindsOf(key) is null ? RecipeAliases.Key(key) : key).Split('.'), node);
    }

    /// <summary>Returns an override with the recipe's own key in place of another name.</summary>
    /// <param name="setting">The override.</param>
    /// <inheritdoc cref="Parse"/>
    public static string Canonical(string setting) =>
        $"{string.Join('.', Parse(setting).Path)}={setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]}";

    /// <summary>Finds the last value that a list of overrides sets a key to.</summary>
    /// <param name="settings">Overrides, of which later ones win.</param>
    /// <param name="key">Dotted path of the key.</param>
    /// <returns>The value as text; null where no override sets the key, or where it is set to null.</returns>
    public static string? Find(IEnumerable<string> settings, string key) =>
        settings.LastOrDefault(s => s.StartsWith($"{key}=", StringComparison.Ordinal)) is { } last ? Parse(last).Value?.ToString() : null;
}
