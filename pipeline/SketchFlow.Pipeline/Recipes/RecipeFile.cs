using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Recipes as YAML: read, inherited by <c>extends</c>, overridden by <c>--set</c>, checked key by key, and written back whole.</summary>
public static class RecipeFile
{
    /// <summary>How recipes look in JSON and so in YAML: snake_case keys and enumerations.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatFollows } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new TransformJson() },
    };

    // What is computed from other settings (mixing.IsOn) is none: it would be written and, given, be read over in silence.
    private static void LeaveOutWhatFollows(JsonTypeInfo type)
    {
        foreach (var computed in type.Properties.Where(p => p.Set is null && p.AssociatedParameter is null).ToList())
        {
            type.Properties.Remove(computed);
        }
    }

    private static readonly ISerializer ToYamlText = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).Build();

    /// <summary>The folder of the recipes that come with the program.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>Names of the recipes that come with the program.</summary>
    public static ImmutableArray<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => n != "models").Order(StringComparer.Ordinal)];

    /// <summary>Path of the recipe of that name; the file exists only where <see cref="Names"/> has the name.</summary>
    public static string Find(string name) => Path.Combine(Folder, $"{name}.yaml");

    /// <summary>Reads a recipe file with everything that it extends, applies <paramref name="overrides"/>, and checks it.</summary>
    /// <param name="file">A YAML file.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>; the value is YAML.</param>
    /// <exception cref="RefusalException">The file is missing or not a recipe.</exception>
    /// <exception cref="UsageException">A key is unknown or a value does not fit.</exception>
    public static Recipe Load(string file, IEnumerable<string> overrides)
    {
        string[] changes = [.. overrides];
        var tree = Tree(file, []);
        Override(tree, changes);
        if (tree["augmentation"] is JsonValue named && named.TryGetValue<string>(out var preset))
        {
            // A preset stands between the recipe, whose preparation it may change, and what the command line says.
            tree = Tree(file, []);
            var chosen = Preset(preset);
            tree["augmentation"] = null;
            Merge(tree, chosen);
            Override(tree, changes);
            tree["augmentation"] = chosen["augmentation"]?.DeepClone();
        }

        TagPreprocessing.Fill(tree);
        return Parse(tree, file);
    }

    /// <summary>Names of the augmentation presets, which a recipe may give as its <c>augmentation</c>: files in <c>recipes/augmentations</c>.</summary>
    public static ImmutableArray<string> Presets =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "augmentations"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    // A preset says what is done to the images, and nothing else of the experiment.
    private static JsonObject Preset(string name)
    {
        if (!Presets.Contains(name))
        {
            throw new UsageException($"augmentation is \"{name}\", which is no preset{Spelling.DidYouMean(name, Presets)}; known are {string.Join(", ", Presets)}, or write a list of transforms.");
        }

        var file = Path.Combine(Folder, "augmentations", $"{name}.yaml");
        var preset = ReadYaml(File.ReadAllText(file), file) as JsonObject ?? throw new RefusalException($"{file} is not a preset: a mapping is expected.");
        preset.Remove("description");
        return preset.FirstOrDefault(p => p.Key is not ("augmentation" or "preparation")) is { Key: { } other }
            ? throw new RefusalException($"{file} sets {other}; a preset sets description, augmentation and preparation only.")
            : preset;
    }

    /// <summary>The recipe as YAML with every value spelled out.</summary>
    public static string Write(Recipe recipe) =>
        ToYamlText.Serialize(YamlJson.Graph(JsonSerializer.SerializeToNode(recipe, Json))!);

    /// <summary>Reads YAML into JSON nodes.</summary>
    /// <exception cref="RefusalException">The text is not YAML.</exception>
    public static JsonNode? ReadYaml(string text, string where)
    {
        try
        {
            return YamlJson.Read(text);
        }
        catch (YamlException e)
        {
            throw new RefusalException($"{where} is not YAML: {(e.InnerException ?? e).Message.TrimEnd('.')} (line {e.Start.Line}).", e);
        }
    }

    private static JsonObject Tree(string file, ImmutableArray<string> seen)
    {
        if (!File.Exists(file))
        {
            throw new RefusalException($"There is no recipe {file}; the known ones are {string.Join(", ", Names)}.");
        }

        if (seen.Contains(file))
        {
            throw new RefusalException($"{file} extends itself: {string.Join(" extends ", seen.Add(file).Select(Path.GetFileName))}.");
        }

        var tree = ReadYaml(File.ReadAllText(file), file) as JsonObject
            ?? throw new RefusalException($"{file} is not a recipe: a mapping of keys to values is expected.");
        if (tree.TryGetPropertyValue("extends", out var parent) && tree.Remove("extends"))
        {
            var name = parent?.GetValue<string>() ?? "";
            var inherited = Tree(Parent(file, name), seen.Add(file));
            Merge(inherited, tree);
            return inherited;
        }

        return tree;
    }

    // A recipe beside the file goes before the program's own of that name, which a file of the same name can so extend.
    private static string Parent(string file, string name)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{name}.yaml");
        var ours = Path.Combine(Folder, $"{name}.yaml");
        return Names.Contains(name) && (!File.Exists(beside) || string.Equals(beside, Path.GetFullPath(file), StringComparison.Ordinal)) ? ours : beside;
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from.ToList())
        {
            if (value is JsonObject inner && into[key] is JsonObject target)
            {
                Merge(target, inner);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static void Override(JsonObject tree, IEnumerable<string> changes)
    {
        foreach (var change in changes)
        {
            Override(tree, change);
        }
    }

    private static void Override(JsonObject tree, string change)
    {
        var (path, value) = RecipeOverride.Parse(change);
        var node = tree;
        var type = typeof(Recipe);
        foreach (var part in path[..^1])
        {
            type = Member(type, part, string.Join('.', path));
            node = node[part] as JsonObject ?? (JsonObject)(node[part] = new JsonObject());
        }

        Member(type, path[^1], string.Join('.', path));
        node[path[^1]] = value;
    }

    private static Recipe Parse(JsonObject tree, string file)
    {
        CheckKeys(tree, typeof(Recipe), "");
        try
        {
            return (tree.Deserialize<Recipe>(Json) ?? new Recipe()).Checked();
        }
        catch (JsonException e)
        {
            var mismatch = JsonTypeMismatch.From(e, tree, typeof(Recipe), Json);
            throw new UsageException($"{mismatch.Path} is {mismatch.Found} in {Path.GetFileName(file)} or --set, expected {mismatch.Expected}.", e);
        }
    }

    private static void CheckKeys(JsonObject tree, Type type, string path)
    {
        foreach (var (key, value) in tree)
        {
            var member = Member(type, key, path + key);
            if (value is JsonObject inner && IsSection(member))
            {
                CheckKeys(inner, member, $"{path}{key}.");
            }
        }
    }

    private static bool IsSection(Type type) => Json.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object;

    private static Type Member(Type type, string key, string path)
    {
        var known = IsSection(type) ? Json.GetTypeInfo(type).Properties : [];
        if (known.FirstOrDefault(p => p.Name == key) is { } member)
        {
            return member.PropertyType;
        }

        var names = known.Select(p => p.Name).ToList();
        throw new UsageException(names.Count == 0
            ? $"{path} is not a setting: {path[..Math.Max(0, path.LastIndexOf('.'))]} has no parts."
            : $"{path} is not a setting{Spelling.DidYouMean(key, names)}; known there are {string.Join(", ", names)}.");
    }
}
