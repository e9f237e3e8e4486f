using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>A file of named changes: <c>model</c> and <c>base</c> say what they are made to, <c>changes</c> what is changed.</summary>
public sealed record StudyChanges
{
    /// <summary>What <c>--model</c> takes; null where the file leaves it open.</summary>
    public string? Model { get; init; }

    /// <summary>What is set for all, the base included: each <c>path.to.key=value</c>.</summary>
    public ImmutableArray<string> Base { get; init; } = [];

    /// <summary>In order.</summary>
    public ImmutableArray<StudyChange> Changes { get; init; } = [];

    /// <summary>The folder of the studies that come with the program.</summary>
    public static string Folder => Path.Combine(RecipeFile.Folder, "studies");

    /// <summary>Reads a file, or the study of that name that comes with the program.</summary>
    /// <exception cref="RefusalException">It is missing, or no YAML.</exception>
    /// <exception cref="UsageException">It has other keys, or no change.</exception>
    public static StudyChanges Read(string file)
    {
        var path = File.Exists(file) ? file : Path.Combine(Folder, $"{file}.yaml");
        if (!File.Exists(path))
        {
            var names = Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => n != "models").Order(StringComparer.Ordinal);
            throw new RefusalException($"There is no study {file}; give a YAML file, or one of {string.Join(", ", names)}.");
        }

        var tree = RecipeFile.ReadYaml(File.ReadAllText(path), path) as JsonObject
            ?? throw new UsageException($"{path} is no study of changes: a mapping with changes is expected.");
        if (tree.FirstOrDefault(p => p.Key is not ("description" or "model" or "base" or "changes")) is { Key: { } other })
        {
            throw new UsageException($"{other} of {path} is not known; known there are description, model, base, changes.");
        }

        if (tree["changes"] is not JsonObject { Count: > 0 } changes)
        {
            throw new UsageException($"{path} has no changes; write changes: {{ NAME: {{ key: value }} }}.");
        }

        return new StudyChanges
        {
            Model = tree["model"]?.ToString(),
            Base = [.. Settings(tree["base"] ?? new JsonObject(), $"base of {path}")],
            Changes = [.. changes.Select(c => new StudyChange(c.Key, [.. Settings(c.Value, $"changes.{c.Key} of {path}")]))],
        };
    }

    private static ImmutableArray<string> Settings(JsonNode? node, string where)
    {
        var settings = node as JsonObject ?? throw new UsageException($"{where} is {node?.ToJsonString() ?? "null"}, where a mapping of keys to values is expected.");
        return [.. settings.SelectMany(p => Leaves(p.Key, p.Value))];
    }

    // Sections are gone into, so that a change of one key leaves its neighbours alone; all else is a value.
    private static IEnumerable<string> Leaves(string path, JsonNode? node) => node is JsonObject { Count: > 0 } section
        ? section.SelectMany(p => Leaves($"{path}.{p.Key}", p.Value))
        : [$"{path}={node?.ToJsonString() ?? "null"}"];
}
