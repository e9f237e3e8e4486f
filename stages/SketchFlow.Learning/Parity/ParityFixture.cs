using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;

namespace SketchFlow.Learning.Parity;

/// <summary>
/// timm's tensors and logits of one architecture for deterministic weights that need no download (parity/README.md describes the format). A
/// <c>.json</c> file holds one fixture with all tensors and logits; a <c>.jsonl</c> file holds one per line, packed by
/// <c>tests/reference/timm_parity.py</c>: a hash of the tensors, and some of the logits.
/// </summary>
public sealed record ParityFixture
{
    private ParityFixture(string model) => Model = model;

    /// <summary>timm's architecture name.</summary>
    public string Model { get; }

    /// <summary>Side of the two square images in pixels.</summary>
    public int InputSize { get; private init; }

    /// <summary>
    /// Side in pixels for which the weights are filled before they are loaded into the architecture at <see cref="InputSize"/>, where timm's
    /// <c>checkpoint_filter_fn</c> resamples them; null if both sizes are equal.
    /// </summary>
    public int? WeightsSize { get; private init; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; private init; }

    /// <summary>Number of learned parameters.</summary>
    public long Parameters { get; private init; }

    /// <summary>Factor of every tensor of two or more dimensions.</summary>
    public double Gain { get; private init; }

    /// <summary>Tensors of the state dict in timm's order; empty in a packed fixture.</summary>
    public ImmutableArray<(string Name, ImmutableArray<long> Shape, string Dtype)> Tensors { get; private init; } = [];

    /// <summary>
    /// SHA-256 in lower-case hexadecimal of a packed fixture's tensor lines (<see cref="TensorLine"/>) in timm's order; null in an unpacked one.
    /// </summary>
    public string? TensorsHash { get; private init; }

    /// <summary>Distance between stored logits: of each image, logits 0, n, 2n, … are stored.</summary>
    public int LogitStride { get; private init; } = 1;

    /// <summary>Maximum absolute value of all logits, including those that are not stored.</summary>
    public double MaxAbsoluteLogit { get; private init; }

    /// <summary>Stored logits of the first image, followed by those of the second.</summary>
    public ImmutableArray<double> Logits { get; private init; } = [];

    /// <summary>Reads a file of fixtures.</summary>
    /// <exception cref="RefusalException">The file cannot be read or has neither format.</exception>
    public static IReadOnlyList<ParityFixture> Read(string path)
    {
        try
        {
            var texts = path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
                ? File.ReadLines(path).Where(line => line.Length > 0)
                : [File.ReadAllText(path)];
            return [.. texts.Select(Parse)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            var reason = e is IndexOutOfRangeException ? "a list is too short" : PrintableText.Reason(e);
            throw new RefusalException($"{path} cannot be read as a parity fixture (parity/README.md describes the format): {reason}.", e);
        }
    }

    /// <summary>Returns a sentence for each tensor that differs in name, shape or type.</summary>
    internal ImmutableArray<string> Differences(Architecture architecture)
    {
        if (TensorsHash is { } hash)
        {
            return string.Equals(Hash(architecture.Tensors.Select(TensorLine)), hash, StringComparison.Ordinal)
                ? []
                : ["names, shapes, types or the order of the tensors are not timm's (a packed fixture does not tell which)"];
        }

        var ours = architecture.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var theirs = Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Tensors.Where(t => !ours.ContainsKey(t.Name)).Select(t => $"{t.Name} is missing"),
            .. architecture.Tensors.Where(t => !theirs.Contains(t.Name)).Select(t => $"{t.Name} is not timm's"),
            .. Tensors.Where(t => ours.ContainsKey(t.Name)).SelectMany(t => Differences(ours[t.Name], t.Shape, t.Dtype)),
        ];
    }

    /// <summary>Returns a tensor's line in the hash of a packed fixture: <c>name (2, 3) float32</c> and a line feed.</summary>
    internal static string TensorLine(TensorSpec spec) => $"{spec} {Dtype(spec)}\n";

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
        if (logits.IsEmpty)
        {
            throw new FormatException("logits has no numbers");
        }

        return new(root.GetProperty("model").GetString() ?? throw new FormatException("model is null"))
        {
            InputSize = root.GetProperty("input_size").GetInt32(),
            WeightsSize = root.TryGetProperty("weights_size", out var size) ? size.GetInt32() : null,
            Classes = root.GetProperty("num_classes").GetInt32(),
            Parameters = root.GetProperty("parameters").GetInt64(),
            Gain = root.GetProperty("gain").GetDouble(),
            Tensors = packed ? [] : [.. tensors.EnumerateArray().Select(Tensor)],
            TensorsHash = packed ? tensors.GetString() : null,
            LogitStride = packed ? root.GetProperty("every").GetInt32() : 1,
            MaxAbsoluteLogit = packed ? root.GetProperty("greatest").GetDouble() : logits.Max(Math.Abs),
            Logits = logits,
        };

        static (string Name, ImmutableArray<long> Shape, string Dtype) Tensor(JsonElement t) =>
            (t[0].GetString()!, [.. t[1].EnumerateArray().Select(size => size.GetInt64())], t[2].GetString()!);
    }
}
