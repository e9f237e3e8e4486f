using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>A study file: <c>model</c> and <c>base</c> describe the recipe, <c>changes</c> its named changes.</summary>
public sealed record StudyChanges
{
    private static readonly string[] _keys = ["description", "model", "base", "changes"];

    /// <summary>Value of <c>--model</c>; null if the file does not set it.</summary>
    public string? Model { get; init; }

    /// <summary>Overrides <c>path.to.key=value</c> of all settings, the base included.</summary>
    public ImmutableArray<string> Base { get; init; } = [];

    /// <summary>The changes, in the order of the file.</summary>
    public ImmutableArray<StudyChange> Changes { get; init; } = [];

    /// <summary>Folder of the built-in studies.</summary>
    public static string Folder => Path.Combine(RecipeFile.Folder, "studies");

    /// <summary>Reads a study file, or the built-in study of that name.</summary>
    /// <param name="file">Path or name.</param>
    /// <exception cref="RefusalException">It does not exist, or is not YAML.</exception>
    /// <exception cref="UsageException">It has unknown keys, or no changes.</exception>
    public static StudyChanges Read(string file)
    {
        var path = File.Exists(file) ? file : Path.Combine(Folder, $"{file}.yaml");
        if (!File.Exists(path))
        {
            string[] names = [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Where(n => n != "models").Order(StringComparer.Ordinal)];
            throw new RefusalException($"There is no study {file}{Spelling.DidYouMean(file, names)}; give a YAML file, or one of {string.Join(", ", names)}.");
        }

        var tree = YamlJson.ReadFile(path) as JsonObject
            ?? throw new UsageException($"{path} is not a study; expected a mapping with changes.");
        if (tree.FirstOrDefault(p => !_keys.Contains(p.Key)) is { Key: { } unknown })
        {
            throw new UsageException($"Unknown key {unknown} in {path}{Spelling.DidYouMean(unknown, _keys)}; the keys are {string.Join(", ", _keys)}.");
        }

        if (tree["changes"] is not JsonObject { Count: > 0 } changes)
        {
            throw new UsageException($"{path} has no changes, expected changes: {{ NAME: {{ key: value }} }}.");
        }

        return new StudyChanges
        {
            Model = tree["model"]?.ToString(),
            Base = Settings(tree["base"] ?? new JsonObject(), $"base of {path}"),
            Changes = [.. changes.Select(c => new StudyChange(c.Key, Settings(c.Value, $"changes.{c.Key} of {path}")))],
        };
    }

    private static ImmutableArray<string> Settings(JsonNode? node, string where)
    {
        var settings = node as JsonObject ?? throw new UsageException($"{where} is {node?.ToJsonString() ?? "null"}, expected a mapping of keys to values.");
        return [.. settings.SelectMany(p => Leaves(p.Key, p.Value))];
    }

    // Descends into sections, so that changing one key keeps its neighbours; anything else is a value.
    private static IEnumerable<string> Leaves(string path, JsonNode? node) => node is JsonObject { Count: > 0 } section
        ? section.SelectMany(p => Leaves($"{path}.{p.Key}", p.Value))
        : [RecipeOverride.Create(path, node)];
}
