using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// A recipe file merged with the files that it extends, and then with the overrides of the command line. Records for each key of a section with kinds
/// which layer set it.
/// </summary>
internal sealed class RecipeLayers
{
    /// <summary>Name of the layer of the command line's overrides.</summary>
    public const string Overrides = "--set";

    private const int MaxFiles = 32;

    // By section and key, the layers that set the key and the values that they set it to, in order.
    private readonly Dictionary<(string Section, string Key), List<(string Layer, JsonNode? Value)>> _origins = [];
    private readonly HashSet<(string Layer, string Section)> _complete = [];
    private readonly List<string> _files = [];
    private readonly List<string> _settings = [];
    private readonly List<(string Name, string[] Keys)> _presets = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, long>> _lines = new(StringComparer.Ordinal);

    private RecipeLayers() { }

    /// <summary>The merged tree.</summary>
    public JsonObject Tree { get; private set; } = [];

    /// <summary>Reads a file and all files that it extends, the base first.</summary>
    /// <param name="file">A YAML file.</param>
    /// <exception cref="RefusalException">A file is missing or not a recipe, or files extend each other in a circle.</exception>
    public static RecipeLayers Read(string file)
    {
        var layers = new RecipeLayers();
        layers.Add(file, []);
        return layers;
    }

    /// <summary>Sets the keys of a mapping, section by section.</summary>
    /// <param name="layer">Name of the layer in messages.</param>
    /// <param name="tree">The mapping.</param>
    public void Merge(string layer, JsonObject tree)
    {
        foreach (var section in tree.Where(p => RecipeSchema.KindsOf(p.Key) is not null))
        {
            Record(layer, section.Key, section.Value);
        }

        Merge(Tree, tree);
    }

    /// <summary>Sets the keys of a preset.</summary>
    /// <param name="name">Name of the preset.</param>
    /// <param name="preset">The keys.</param>
    public void MergePreset(string name, JsonObject preset)
    {
        Merge(name, preset);
        _presets.Add((name, [.. preset.SelectMany(key => key.Value is JsonObject section ? section.Select(inner => $"{key.Key}.{inner.Key}") : [key.Key])]));
    }

    /// <summary>Sets one key, as the command line's overrides do: a mapping replaces the present one.</summary>
    /// <param name="setting">The override: <c>path.to.key=value</c>.</param>
    /// <exception cref="UsageException">The key is unknown.</exception>
    public void Override(string setting)
    {
        var (path, value) = RecipeOverride.Parse(setting);
        var node = Tree;
        var type = typeof(Recipe);
        foreach (var part in path[..^1])
        {
            type = RecipeSchema.TypeOf(type, part, string.Join('.', path));
            node = node[part] as JsonObject ?? (JsonObject)(node[part] = new JsonObject());
        }

        RecipeSchema.TypeOf(type, path[^1], string.Join('.', path));
        node[path[^1]] = value;
        _settings.Add(string.Join('.', path));
        if (RecipeSchema.KindsOf(path[0]) is null)
        {
            return;
        }

        if (path.Length == 1)
        {
            foreach (var replaced in _origins.Keys.Where(k => k.Section == path[0]).ToList())
            {
                _origins.Remove(replaced);
            }

            Record(Overrides, path[0], value);
        }
        else
        {
            Record(Overrides, path[0], path[1], path.Length == 2 ? value : null);
        }
    }

    /// <summary>Returns the layers that set a key and the values that they set it to, in order.</summary>
    public IReadOnlyList<(string Layer, JsonNode? Value)> OriginsOf(string section, string key) => _origins.GetValueOrDefault((section, key)) ?? [];

    /// <summary>Names the place that sets a key, for messages: <c>--set</c>, or the file and the line.</summary>
    /// <param name="path">Path such as <c>loss.kind</c> or <c>sizes[0].size</c>.</param>
    public string Locate(string path) =>
        FindSource(path, orOfSection: true) ?? (_files.Count == 0 ? Overrides : $"{Path.GetFileName(_files[^1])} or {Overrides}");

    /// <summary>Names the place that sets a key: <c>--set</c>, the preset, or the file and the line; null where nothing sets it.</summary>
    /// <param name="path">Path such as <c>loss.kind</c> or <c>sizes[0].size</c>.</param>
    /// <param name="orOfSection">Whether the place that sets the section of the key counts.</param>
    public string? FindSource(string path, bool orOfSection = false)
    {
        if (_settings.Exists(s => IsWithin(path, s) || IsWithin(s, path)))
        {
            return Overrides;
        }

        if (_presets.FindLast(p => p.Keys.Any(key => IsWithin(path, key))) is { Name: { } preset })
        {
            return $"preset {preset}";
        }

        foreach (var file in Enumerable.Reverse(_files))
        {
            var lines = _lines.TryGetValue(file, out var found) ? found : _lines[file] = YamlJson.FindLines(file);
            for (var at = path; at.Length > 0; at = !orOfSection ? "" : at[..Math.Max(0, at.LastIndexOfAny(['.', '[']))])
            {
                if (lines.TryGetValue(at, out var line))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} (line {line})");
                }
            }
        }

        return null;
    }

    /// <summary>Returns whether a layer is a file of an older version, which wrote the keys of all kinds into the section.</summary>
    public bool HasAllKinds(string layer, string section) => _complete.Contains((layer, section));

    private void Record(string layer, string section, JsonNode? value)
    {
        if (value is not JsonObject keys)
        {
            return;
        }

        foreach (var (key, inner) in keys)
        {
            Record(layer, section, key, inner);
        }

        if (RecipeVersion1.HasAllKeys(section, keys))
        {
            _complete.Add((layer, section));
        }
    }

    private void Record(string layer, string section, string key, JsonNode? value)
    {
        if (!_origins.TryGetValue((section, key), out var origins))
        {
            _origins[(section, key)] = origins = [];
        }

        origins.Add((layer, value?.DeepClone()));
    }

    private void Add(string file, ImmutableArray<string> extending)
    {
        if (!File.Exists(file))
        {
            throw new RefusalException($"There is no recipe {file}{Spelling.DidYouMean(Path.GetFileNameWithoutExtension(file), RecipeFile.Names)}; "
                + "sketchflow recipes list shows those of the program.");
        }

        if (extending.Length > MaxFiles)
        {
            throw new RefusalException($"{extending[0]} extends more than {MaxFiles} files, one after the other.");
        }

        if (extending.Contains(file))
        {
            throw new RefusalException($"{file} extends itself: {string.Join(" extends ", extending.Add(file).Select(Path.GetFileName))}.");
        }

        var tree = YamlJson.ReadFile(file) as JsonObject
            ?? throw new RefusalException($"{file} is not a recipe, expected a mapping of keys to values.");
        RecipeVersion1.AddSplitMethod(tree);
        if (tree.TryGetPropertyValue("extends", out var parent) && tree.Remove("extends"))
        {
            var name = parent is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
                ? text
                : throw new RefusalException(
                    $"extends is {PrintableText.Line(parent?.ToJsonString() ?? "null")} in {file} (line {YamlJson.FindLines(file)["extends"]}), "
                    + "expected the name of a recipe, such as extends: resnet18.");
            Add(Parent(file, name), extending.Add(file));
        }

        _files.Add(file);
        Merge(file, tree);
    }

    // A recipe in the folder of the file overrides the program's own recipe of that name, so that a file can extend the program's recipe of its own name.
    private static string Parent(string file, string name)
    {
        var neighbour = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{name}.yaml");
        var isOwn = !File.Exists(neighbour) || string.Equals(neighbour, Path.GetFullPath(file), StringComparison.Ordinal);
        return isOwn && RecipeFile.Find(name) is { } ours ? ours : neighbour;
    }

    private static bool IsWithin(string path, string section) =>
        path.StartsWith(section, StringComparison.Ordinal) && (path.Length == section.Length || path[section.Length] is '.' or '[');

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
}
