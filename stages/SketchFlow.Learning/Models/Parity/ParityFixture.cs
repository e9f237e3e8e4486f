using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Models.Parity;

/// <summary>
/// What timm has for one architecture and what it answers under a fill that needs no download (parity/README.md has the form). A file
/// <c>.json</c> holds one, with every tensor and every logit; a file <c>.jsonl</c> holds one a line, packed by <c>tests/reference/timm_parity.py</c>:
/// the tensors' hash, and some of the logits.
/// </summary>
public sealed record ParityFixture
{
    private ParityFixture(string model) => Model = model;

    /// <summary>timm's architecture name.</summary>
    public string Model { get; }

    /// <summary>Side of the two square images, in pixels.</summary>
    public int InputSize { get; private init; }

    /// <summary>
    /// Side, in pixels, that the filled weights are of, where it is another than <see cref="InputSize"/>: they are loaded into the
    /// architecture at that size as timm's <c>checkpoint_filter_fn</c> takes them over. Null where both are the same.
    /// </summary>
    public int? WeightsSize { get; private init; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; private init; }

    /// <summary>Learned scalars.</summary>
    public long Parameters { get; private init; }

    /// <summary>Multiplies every tensor of two or more dimensions.</summary>
    public double Gain { get; private init; }

    /// <summary>The state dict in timm's order; empty in a packed fixture.</summary>
    public ImmutableArray<(string Name, ImmutableArray<long> Shape, string Dtype)> Tensors { get; private init; } = [];

    /// <summary>A packed fixture's SHA-256, in lower-case hexadecimal, of its tensors' lines (<see cref="Line"/>) in timm's order; null in another.</summary>
    public string? TensorsHash { get; private init; }

    /// <summary>Of each image's logits each so many-th is kept, from the first on.</summary>
    public int Every { get; private init; } = 1;

    /// <summary>Greatest absolute logit, of those left out too.</summary>
    public double Greatest { get; private init; }

    /// <summary>The logits kept: those of the first image, then those of the second.</summary>
    public ImmutableArray<double> Logits { get; private init; } = [];

    /// <summary>Reads a file of fixtures.</summary>
    /// <exception cref="RefusalException">It cannot be read, or is not of either form.</exception>
    public static IReadOnlyList<ParityFixture> Read(string path)
    {
        try
        {
            var texts = path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
                ? File.ReadLines(path).Where(line => line.Length > 0)
                : [File.ReadAllText(path)];
            return [.. texts.Select(Parse)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RefusalException($"{path} cannot be read as a parity fixture (parity/README.md has the form): {e.Message}", e);
        }
    }

    /// <summary>One sentence for each tensor that differs in name, shape or type.</summary>
    internal ImmutableArray<string> Differences(Architecture architecture)
    {
        if (TensorsHash is { } hash)
        {
            return string.Equals(Hash(architecture.Tensors.Select(Line)), hash, StringComparison.Ordinal)
                ? []
                : ["names, shapes, types or the order of the tensors are not timm's (a packed fixture does not say which)"];
        }

        var here = architecture.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var there = Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Tensors.Where(t => !here.ContainsKey(t.Name)).Select(t => $"{t.Name} is missing"),
            .. architecture.Tensors.Where(t => !there.Contains(t.Name)).Select(t => $"{t.Name} is not timm's"),
            .. Tensors.Where(t => here.ContainsKey(t.Name)).SelectMany(t => Differences(here[t.Name], t.Shape, t.Dtype)),
        ];
    }

    /// <summary>A tensor as a packed fixture's hash takes it: <c>name (2, 3) float32</c>, and a line feed.</summary>
    internal static string Line(TensorSpec spec) => $"{spec} {Dtype(spec)}\n";

    private static IEnumerable<string> Differences(TensorSpec spec, ImmutableArray<long> shape, string dtype)
    {
        if (!spec.Shape.SequenceEqual(shape))
        {
            yield return $"{spec.Name} is ({string.Join(", ", spec.Shape)}) and ({string.Join(", ", shape)}) in timm";
        }

        if (!string.Equals(Dtype(spec), dtype, StringComparison.Ordinal))
        {
            yield return $"{spec.Name} is {Dtype(spec)} and {dtype} in timm";
        }
    }

    private static string Dtype(TensorSpec spec) => spec.Role == TensorRole.Counter ? "int64" : "float32";

    private static string Hash(IEnumerable<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));

    private static ParityFixture Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        var tensors = root.GetProperty("tensors");
        var packed = tensors.ValueKind == JsonValueKind.String;
        ImmutableArray<double> logits = [.. root.GetProperty("logits").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(v => v.GetDouble())];
        return new(root.GetProperty("model").GetString() ?? throw new FormatException("model is null"))
        {
            InputSize = root.GetProperty("input_size").GetInt32(),
            WeightsSize = root.TryGetProperty("weights_size", out var size) ? size.GetInt32() : null,
            Classes = root.GetProperty("num_classes").GetInt32(),
            Parameters = root.GetProperty("parameters").GetInt64(),
            Gain = root.GetProperty("gain").GetDouble(),
            Tensors = packed ? [] : [.. tensors.EnumerateArray().Select(t => (t[0].GetString()!, t[1].EnumerateArray().Select(d => d.GetInt64()).ToImmutableArray(), t[2].GetString()!))],
            TensorsHash = packed ? tensors.GetString() : null,
            Every = packed ? root.GetProperty("every").GetInt32() : 1,
            Greatest = packed ? root.GetProperty("greatest").GetDouble() : logits.Max(Math.Abs),
            Logits = logits,
        };
    }
}
