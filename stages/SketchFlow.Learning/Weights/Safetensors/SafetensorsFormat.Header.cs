using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>
/// Tensors in a file as Hugging Face's safetensors format has them (github.com/huggingface/safetensors): eight bytes with the
/// header's length, a JSON header, and the tensors' bytes without holes.
/// </summary>
public static partial class SafetensorsFormat
{
    /// <summary>The format's own limit of the header, in bytes.</summary>
    public const long LongestHeader = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Bits of an element of each type that the format knows.</summary>
    private static readonly ImmutableDictionary<string, int> Bits = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["F4"] = 4,
        ["F6_E2M3"] = 6,
        ["F6_E3M2"] = 6,
        ["BOOL"] = 8,
        ["U8"] = 8,
        ["I8"] = 8,
        ["F8_E5M2"] = 8,
        ["F8_E4M3"] = 8,
        ["F8_E8M0"] = 8,
        ["I16"] = 16,
        ["U16"] = 16,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["I32"] = 32,
        ["U32"] = 32,
        ["F32"] = 32,
        ["I64"] = 64,
        ["U64"] = 64,
        ["F64"] = 64,
        ["C64"] = 64,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>What a header says, checked against every rule of the format.</summary>
    /// <param name="Tensors">In the header's order.</param>
    /// <param name="Metadata">The free text pairs beside them.</param>
    /// <param name="DataStart">Where the tensors' bytes begin in the file.</param>
    internal sealed record Header(ImmutableArray<TensorEntry> Tensors, ImmutableDictionary<string, string> Metadata, long DataStart);

    /// <summary>Length of the header from a file's first eight bytes, held against the file's size.</summary>
    internal static int HeaderLength(ReadOnlySpan<byte> firstEight, long fileSize, string path)
    {
        if (firstEight.Length < 8)
        {
            throw Bad(path, $"it has {fileSize} bytes and a safetensors file has at least 10");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(firstEight);
        if (length > LongestHeader)
        {
            throw Bad(path, $"its header would be {length} bytes long and the format allows {LongestHeader}");
        }

        if ((long)length > fileSize - 8)
        {
            throw Bad(path, $"its header would be {length} bytes long and the file has only {fileSize} (was the download cut short?)");
        }

        return (int)length;
    }

    /// <summary>Reads a header and holds it against the number of bytes behind it.</summary>
    internal static Header ParseHeader(ReadOnlyMemory<byte> json, long dataSize, string path)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
        {
            throw Bad(path, "its header does not begin with '{'");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Strict);
        }
        catch (JsonException e)
        {
            throw Bad(path, $"its header is not JSON: {e.Message}", e);
        }

        using (document)
        {
            try
            {
                var tensors = ImmutableArray.CreateBuilder<TensorEntry>();
                var metadata = ImmutableDictionary<string, string>.Empty;
                foreach (var property in document.RootElement.EnumerateObject())
                {
                    if (string.Equals(property.Name, "__metadata__", StringComparison.Ordinal))
                    {
                        metadata = ParseMetadata(property.Value, path);
                    }
                    else
                    {
                        tensors.Add(ParseTensor(property.Name, property.Value, path));
                    }
                }

                CheckCover(tensors, dataSize, path);
                return new Header(tensors.ToImmutable(), metadata, 8 + json.Length);
            }
            catch (InvalidOperationException e)
            {
                // System.Text.Json finds half a surrogate pair or bad UTF-8 only when the string is taken out.
                throw Bad(path, "its header holds text that is not Unicode", e);
            }
        }
    }

    private static ImmutableDictionary<string, string> ParseMetadata(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw Bad(path, "its __metadata__ is not an object of strings");
        }

        return value.EnumerateObject().ToImmutableDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
    }

    private static TensorEntry ParseTensor(string name, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Bad(path, name, $"its description is {value.ValueKind} and not an object");
        }

        if (!value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
        {
            throw Bad(path, name, "it has no dtype");
        }

        if (!Bits.TryGetValue(dtype.GetString()!, out var bits))
        {
            throw Bad(path, name, $"its dtype {dtype.GetString()} is none of {string.Join(", ", Bits.Keys.Order(StringComparer.Ordinal))}");
        }

        var shape = Numbers(value, "shape", name, path);
        var offsets = Numbers(value, "data_offsets", name, path);
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Bad(path, name, $"its data_offsets are [{string.Join(", ", offsets)}] and not a beginning and an end");
        }

        // In 128 bits, product by product, so that no overflow passes for a small tensor.
        var size = (UInt128)bits;
        foreach (var side in shape)
        {
            size *= (ulong)side;
            if (size > long.MaxValue && !shape.Contains(0))
            {
                throw Bad(path, name, $"its shape ({string.Join(", ", shape)}) has more bytes than can be counted");
            }

            size = UInt128.Min(size, ulong.MaxValue);
        }

        if (size % 8 != 0 || size / 8 != (ulong)(offsets[1] - offsets[0]))
        {
            throw Bad(path, name, $"its shape ({string.Join(", ", shape)}) of {dtype.GetString()} takes {size} bits and its data_offsets hold {offsets[1] - offsets[0]} bytes");
        }

        return new TensorEntry(name, dtype.GetString()!, shape, offsets[0], offsets[1]);
    }

    private static ImmutableArray<long> Numbers(JsonElement value, string property, string name, string path)
    {
        if (!value.TryGetProperty(property, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw Bad(path, name, $"it has no {property}");
        }

        var numbers = ImmutableArray.CreateBuilder<long>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
            {
                throw Bad(path, name, $"its {property} hold {item.GetRawText()}, which is no count");
            }

            numbers.Add(number);
        }

        return numbers.ToImmutable();
    }

    /// <summary>The tensors must cover the bytes behind the header from the first to the last, once.</summary>
    private static void CheckCover(IEnumerable<TensorEntry> tensors, long dataSize, string path)
    {
        var at = 0L;
        foreach (var tensor in tensors.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (tensor.Begin != at)
            {
                var what = tensor.Begin < at ? "overlaps the one before it" : "leaves a hole before it";
                throw Bad(path, tensor.Name, $"it begins at byte {tensor.Begin} and {what}, which ends at {at}");
            }

            if (tensor.End > dataSize)
            {
                throw Bad(path, tensor.Name, $"it ends at byte {tensor.End} and the file has only {dataSize} (was the download cut short?)");
            }

            at = tensor.End;
        }

        if (at != dataSize)
        {
            throw Bad(path, $"its tensors end at byte {at} and {dataSize - at} more follow");
        }
    }

    private static RefusalException Bad(string path, string tensor, string why) => Bad(path, $"of tensor '{tensor}', {why}");

    private static RefusalException Bad(string path, string why, Exception? cause = null) =>
        cause is null
            ? new RefusalException($"{path} cannot be read as safetensors: {why}.")
            : new RefusalException($"{path} cannot be read as safetensors: {why}.", cause);

    /// <summary>A header for <paramref name="tensors"/>, padded with spaces so that the bytes behind it begin at a multiple of eight.</summary>
    internal static byte[] FormatHeader(IReadOnlyList<TensorEntry> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Dtype);
                json.WriteStartArray("shape");
                foreach (var side in tensor.Shape)
                {
                    json.WriteNumberValue(side);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(tensor.Begin);
                json.WriteNumberValue(tensor.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        buffer.Write(Encoding.ASCII.GetBytes(new string(' ', (int)((8 - (buffer.Length % 8)) % 8))));
        var header = new byte[8 + buffer.Length];
        BinaryPrimitives.WriteInt64LittleEndian(header, buffer.Length);
        buffer.GetBuffer().AsSpan(0, (int)buffer.Length).CopyTo(header.AsSpan(8));
        return header;
    }
}
