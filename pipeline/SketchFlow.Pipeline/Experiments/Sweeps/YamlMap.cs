using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>A mapping of a YAML file as .NET values, with accessors that name the key in their errors.</summary>
/// <param name="items">Keys and values: null, bool, long, double, string, lists and mappings.</param>
internal sealed class YamlMap(IEnumerable<KeyValuePair<string, object?>> items) : Dictionary<string, object?>(items, StringComparer.Ordinal)
{
    /// <summary>Converts the YAML tree: 1 becomes a long, 1.0 a double.</summary>
    public static object? From(JsonNode? node) => node switch
    {
        JsonObject map => new YamlMap(map.Select(p => KeyValuePair.Create(p.Key, From(p.Value)))),
        JsonArray list => list.Select(From).ToList(),
        JsonValue value when value.TryGetValue<long>(out var whole) => whole,
        JsonValue value when value.TryGetValue<double>(out var number) => number,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value => value.GetValue<string>(),
        null => null,
        _ => throw new InvalidOperationException($"Expected an object, a list or a value, got {node.GetValueKind()}."),
    };

    /// <summary>Refuses keys that are not known.</summary>
    /// <param name="where">Path of the mapping for the message.</param>
    /// <param name="known">The known keys.</param>
    public void CheckKeys(string where, params string[] known)
    {
        if (Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
        {
            throw new UsageException(
                $"Unknown key {where}.{unknown}{Spelling.DidYouMean(unknown, known)}; the keys of {where} are {string.Join(", ", known)}.");
        }
    }

    /// <summary>Returns the text of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="where">Path of the mapping for the message.</param>
    public string Text(string key, string where) =>
        this.GetValueOrDefault(key) as string ?? throw new UsageException(
            $"{where}.{key} is {SweepPlan.Format(this.GetValueOrDefault(key))}, expected a name.");

    /// <summary>Returns the finite number of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="where">Path of the mapping for the message.</param>
    public double Number(string key, string where) => this.GetValueOrDefault(key) switch
    {
        long whole => whole,
        double number when double.IsFinite(number) => number,
        var other => throw new UsageException($"{where}.{key} is {SweepPlan.Format(other)}, expected a number."),
    };

    /// <summary>Returns the whole number of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="where">Path of the mapping for the message.</param>
    /// <param name="minimum">Smallest accepted number.</param>
    public int Whole(string key, string where, int minimum = int.MinValue) => this.GetValueOrDefault(key) switch
    {
        long whole when whole >= minimum && whole <= int.MaxValue => (int)whole,
        var other => throw new UsageException(
            $"{where}.{key} is {SweepPlan.Format(other)}, expected a whole number{(minimum > int.MinValue ? $" of {minimum} or more" : "")}."),
    };
}
