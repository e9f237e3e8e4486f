using System.Globalization;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Builds the JSON of one YAML document from the parser's events within fixed limits: aliases count as what they repeat, so that neither a few lines of
/// nested aliases nor an alias to itself can take memory or the stack.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Number of characters that a text may have; an ensemble of 500 classes and 200 members has about two million.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Number of mappings and lists that may contain each other.</summary>
    public const int MaxDepth = 32;

    /// <summary>Number of keys and values of a document.</summary>
    public const int MaxNodes = 500_000;

    /// <summary>Number of characters of one key or value.</summary>
    public const int MaxScalar = 100_000;

    /// <summary>Number of keys and values that all aliases together may repeat.</summary>
    public const int MaxRepeatedNodes = 10_000;

    /// <summary>Number of characters that all aliases together may repeat.</summary>
    public const int MaxRepeatedCharacters = 1_000_000;

    private readonly string _source;
    private readonly Func<Scalar, JsonValue?> _scalar;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, Anchored> _anchors = [];
    private readonly List<string> _path = [];
    private readonly Dictionary<string, long>? _lines;
    private int _nodes;
    private int _characters;
    private int _repeatedNodes;
    private int _repeatedCharacters;

    private YamlReader(string text, string source, Func<Scalar, JsonValue?> scalar, Dictionary<string, long>? lines)
    {
        (_source, _scalar, _lines) = (source, scalar, lines);
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads the document of a text; null where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Name of the text in messages.</param>
    /// <param name="scalar">Converts a scalar.</param>
    /// <param name="lines">Receives the line of each path such as <c>data.path</c> or <c>sizes[0].size</c>; null records none.</param>
    /// <exception cref="RefusalException">The text is not one YAML document within the limits; the message names the line and the key.</exception>
    public static JsonNode? Read(string text, string source, Func<Scalar, JsonValue?> scalar, Dictionary<string, long>? lines = null)
    {
        if (text.Length > MaxLength)
        {
            throw new RefusalException($"{source} is too long for YAML, expected at most {MaxLength} characters.");
        }

        // YamlDotNet ends at this character and would drop the rest of the text.
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var nul)
        {
            throw new RefusalException($"{source} is not YAML: it has a NUL character (line {text.AsSpan(0, nul).Count('\n') + 1}).");
        }

        var reader = new YamlReader(text, source, scalar, lines);
        try
        {
            return reader.ReadDocument();
        }
        catch (Exception e) when (e is not (RefusalException or OutOfMemoryException))
        {
            // YamlDotNet throws exceptions of .NET for some texts, whose messages are about its own state.
            var fault = e as YamlException;
            var clause = fault is null ? "its lines and brackets do not fit together" : (fault.InnerException ?? fault).Message.TrimEnd('.');
            throw reader.Refuse(clause, fault is { Start.Line: > 0 } ? fault.Start.Line : reader._parser.Current?.Start.Line ?? 1, e);
        }
    }

    private JsonNode? ReadDocument()
    {
        Take<StreamStart>();
        if (_parser.Current is StreamEnd)
        {
            return null;
        }

        Take<DocumentStart>();
        var node = ReadNode(0);
        Take<DocumentEnd>();
        return _parser.Current is StreamEnd
            ? node
            : throw Refuse("a second document begins, expected one; remove the line ---", _parser.Current!.Start.Line);
    }

    private JsonNode? ReadNode(int depth)
    {
        var start = _parser.Current!;
        Count(start);
        _lines?.TryAdd(Path, start.Start.Line);
        switch (start)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                return Repeat(alias);
            case Scalar scalar:
                return Anchor(scalar, () => ReadScalar(scalar));
            case SequenceStart list:
                return Anchor(list, () => ReadList(list, depth + 1));
            case MappingStart map:
                return Anchor(map, () => ReadMap(map, depth + 1));
            default:
                throw Refuse($"expected a value, got {start.GetType().Name}", start.Start.Line);
        }
    }

    private JsonNode? Anchor(NodeEvent start, Func<JsonNode?> read)
    {
        if (start.Anchor.IsEmpty)
        {
            return read();
        }

        // An alias inside finds the anchor open; an anchor of the same name replaces an earlier one, as YAML demands.
        _anchors[start.Anchor] = new Anchored(null, 0, 0, IsOpen: true);
        var (nodes, characters) = (_nodes, _characters);
        var node = read();
        _anchors[start.Anchor] = new Anchored(node, _nodes - nodes + 1, _characters - characters, IsOpen: false);
        return node;
    }

    private JsonNode? Repeat(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var anchored))
        {
            throw Refuse($"the alias *{alias.Value} has no anchor before it", alias.Start.Line);
        }

        if (anchored.IsOpen)
        {
            throw Refuse($"the alias *{alias.Value} is inside of what it repeats", alias.Start.Line);
        }

        _nodes += anchored.Nodes;
        _characters += anchored.Characters;
        _repeatedNodes += anchored.Nodes;
        _repeatedCharacters += anchored.Characters;
        return _repeatedNodes > MaxRepeatedNodes || _repeatedCharacters > MaxRepeatedCharacters || _nodes > MaxNodes
            ? throw Refuse($"its aliases repeat more than {MaxRepeatedNodes} values or {MaxRepeatedCharacters} characters", alias.Start.Line)
            : anchored.Node?.DeepClone();
    }

    private JsonValue? ReadScalar(Scalar scalar)
    {
        CheckLength(scalar);
        _parser.MoveNext();
        return scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? _scalar(scalar) : ReadTagged(scalar);
    }

    private JsonValue? ReadTagged(Scalar scalar) => scalar.Tag.Value switch
    {
        "tag:yaml.org,2002:str" => JsonValue.Create(scalar.Value),
        "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" => _scalar(scalar),
        var tag => throw Refuse($"the tag {PrintableText.Line(tag, 100)} is not supported, expected a plain value", scalar.Start.Line),
    };

    private JsonArray ReadList(SequenceStart start, int depth)
    {
        Enter(start, depth);
        var list = new JsonArray();
        while (_parser.Current is not SequenceEnd)
        {
            _path.Add(string.Create(CultureInfo.InvariantCulture, $"[{list.Count}]"));
            list.Add(ReadNode(depth));
            _path.RemoveAt(_path.Count - 1);
        }

        _parser.MoveNext();
        return list;
    }

    private JsonObject ReadMap(MappingStart start, int depth)
    {
        Enter(start, depth);
        var map = new JsonObject();
        while (_parser.Current is not MappingEnd)
        {
            var line = _parser.Current!.Start.Line;
            var key = ReadKey();
            _path.Add(key);
            var value = ReadNode(depth);
            _path.RemoveAt(_path.Count - 1);
            if (!map.TryAdd(key, value))
            {
                throw Refuse($"the key {PrintableText.Line(key, 100)} occurs twice", line);
            }
        }

        _parser.MoveNext();
        return map;
    }

    private string ReadKey()
    {
        var start = _parser.Current!;
        Count(start);
        if (start is not Scalar key)
        {
            var found = start switch { AnchorAlias => "an alias", SequenceStart => "a list", _ => "a mapping" };
            throw Refuse($"a key is {found}, expected text", start.Start.Line);
        }

        CheckLength(key);
        _parser.MoveNext();
        if (!key.Anchor.IsEmpty)
        {
            _anchors[key.Anchor] = new Anchored(JsonValue.Create(key.Value), 1, key.Value.Length, IsOpen: false);
        }

        return key.Value;
    }

    private void Enter(NodeEvent start, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Refuse($"more than {MaxDepth} mappings and lists contain each other", start.Start.Line);
        }

        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value is not ("tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq"))
        {
            throw Refuse($"the tag {PrintableText.Line(start.Tag.Value, 100)} is not supported, expected a plain mapping or list", start.Start.Line);
        }

        _parser.MoveNext();
    }

    private void Count(ParsingEvent node)
    {
        if (++_nodes > MaxNodes)
        {
            throw Refuse($"it has more than {MaxNodes} keys and values", node.Start.Line);
        }
    }

    private void CheckLength(Scalar scalar)
    {
        _characters += scalar.Value.Length;
        if (scalar.Value.Length > MaxScalar)
        {
            throw Refuse($"a value has {scalar.Value.Length} characters, expected at most {MaxScalar}", scalar.Start.Line);
        }
    }

    private void Take<T>()
        where T : ParsingEvent
    {
        // The first event of a parser is read before the first call.
        if (_parser.Current is null)
        {
            _parser.MoveNext();
        }

        if (_parser.Current is not T)
        {
            throw Refuse($"expected {typeof(T).Name}, got {_parser.Current?.GetType().Name ?? "the end"}", _parser.Current?.Start.Line ?? 1);
        }

        _parser.MoveNext();
    }

    private string Path => string.Join('.', _path).Replace(".[", "[", StringComparison.Ordinal);

    private RefusalException Refuse(string clause, long line, Exception? cause = null)
    {
        var key = _path.Count == 0 ? "" : $", key {PrintableText.Line(Path, 100)}";
        var message = string.Create(CultureInfo.InvariantCulture, $"{_source} is not YAML: {PrintableText.Line(clause)} (line {line}{key}).");
        return cause is null ? new RefusalException(message) : new RefusalException(message, cause);
    }

    /// <summary>The value of an anchor and its size.</summary>
    private sealed record Anchored(JsonNode? Node, int Nodes, int Characters, bool IsOpen);
}
