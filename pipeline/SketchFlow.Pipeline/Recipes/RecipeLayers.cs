using System.Collections.Immutable;
using System.Text.Json.Nodes;
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

    // By section and key, the layers that set the key and the values that they set it to, in order.
    private readonly Dictionary<(string Section, string Key), List<(string Layer, JsonNode? Value)>> _origins = [];
    private readonly HashSet<(string Layer, string Section)> _complete = [];

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
            throw new RefusalException($"There is no recipe {file}; the recipes of the program are {string.Join(", ", RecipeFile.Names)}.");
        }

        if (extending.Contains(file))
        {
            throw new RefusalException($"{file} extends itself: {string.Join(" extends ", extending.Add(file).Select(Path.GetFileName))}.");
        }

        var tree = YamlJson.Read(File.ReadAllText(file), file) as JsonObject
            ?? throw new RefusalException($"{file} is not a recipe, expected a mapping of keys to values.");
        RecipeVersion1.AddSplitMethod(tree);
        if (tree.TryGetPropertyValue("extends", out var parent) && tree.Remove("extends"))
        {
            Add(Parent(file, parent?.GetValue<string>() ?? ""), extending.Add(file));
        }

        Merge(file, tree);
    }

    // A recipe in the folder of the file overrides the program's own recipe of that name, so that a file can extend the program's recipe of its own name.
    private static string Parent(string file, string name)
    {
        var neighbour = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{name}.yaml");
        var isOwn = !File.Exists(neighbour) || string.Equals(neighbour, Path.GetFullPath(file), StringComparison.Ordinal);
        return isOwn && RecipeFile.Find(name) is { } ours ? ours : neighbour;
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
}
