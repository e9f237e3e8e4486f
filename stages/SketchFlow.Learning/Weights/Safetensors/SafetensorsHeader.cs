using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>The contents of a safetensors header, checked against every rule of the format.</summary>
/// <param name="Tensors">The tensors, in the order of the header.</param>
/// <param name="Metadata">Free-text key-value pairs.</param>
/// <param name="DataStart">Position in the file of the first byte after the header.</param>
internal sealed partial record SafetensorsHeader(ImmutableArray<TensorEntry> Tensors, ImmutableDictionary<string, string> Metadata, long DataStart)
{
    /// <summary>
    /// Number of bytes of a header that is read. The format allows 100,000,000, which take a gigabyte when they are parsed; the headers of the largest
    /// models have about one million.
    /// </summary>
    public const long MaxLength = 16_000_000;

    /// <summary>Number of dimensions of a tensor, the limit of PyTorch.</summary>
    private const int MaxDimensions = 64;

    /// <summary>JSON options that reject duplicate keys.</summary>
    public static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Number of bits per element for each type of the format.</summary>
    public static readonly ImmutableDictionary<string, int> BitsPerElement = new Dictionary<string, int>(StringComparer.Ordinal)
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

    /// <summary>Reads the length of the header from the first eight bytes of a file and compares it with the file's size.</summary>
    public static int ReadLength(ReadOnlySpan<byte> firstEight, long fileSize, string path)
    {
        if (firstEight.Length < 8)
        {
            throw Invalid(path, $"expected at least 10 bytes, got {fileSize}");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(firstEight);
        if (length > MaxLength)
        {
            throw Invalid(path, $"its header would be {length} bytes long; expected at most {MaxLength}");
        }

        if ((long)length > fileSize - 8)
        {
            throw Invalid(path, $"its header would be {length} bytes long, but the file has only {fileSize} (incomplete download?)");
        }

        return (int)length;
    }

    /// <summary>Parses a header and compares it with the number of bytes that follow it.</summary>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataSize, string path)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
        {
            throw Invalid(path, "its header does not begin with '{'");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, StrictJson);
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"its header is not JSON: {PrintableText.Reason(e)}", e);
        }
        catch (InvalidOperationException e)
        {
            // The search for duplicate keys decodes them.
            throw Invalid(path, "the text of its header is not valid Unicode", e);
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

                CheckContiguous(tensors, dataSize, path);
                return new SafetensorsHeader(tensors.ToImmutable(), metadata, 8 + json.Length);
            }
            catch (InvalidOperationException e)
            {
                // System.Text.Json detects lone surrogates and invalid UTF-8 only when a string is retrieved.
                throw Invalid(path, "the text of its header is not valid Unicode", e);
            }
        }
    }

    private static ImmutableDictionary<string, string> ParseMetadata(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw Invalid(path, "its __metadata__ is not an object with strings as values");
        }

        return value.EnumerateObject().ToImmutableDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
    }

    private static TensorEntry ParseTensor(string name, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path, name, $"expected an object as its description, got {value.ValueKind}");
        }

        if (!value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
        {
            throw Invalid(path, name, "it has no dtype");
        }

        if (!BitsPerElement.TryGetValue(dtype.GetString()!, out var bits))
        {
            var known = string.Join(", ", BitsPerElement.Keys.Order(StringComparer.Ordinal));
            throw Invalid(path, name, $"its dtype {PrintableText.Line(dtype.GetString()!)} is unknown; expected one of {known}");
        }

        var shape = ParseIntegers(value, "shape", name, path);
        var offsets = ParseIntegers(value, "data_offsets", name, path);
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Invalid(path, name, $"expected a start and an end as data_offsets, got [{string.Join(", ", offsets)}]");
        }

        // In 128 bits with a limit after each product, so that an overflow cannot look like a small tensor.
        var (size, isEmpty) = ((UInt128)bits, shape.Contains(0));
        foreach (var side in shape)
        {
            size *= (ulong)side;
            if (size > long.MaxValue && !isEmpty)
            {
                throw Invalid(path, name, $"its shape ({string.Join(", ", shape)}) exceeds the number of bytes that can be counted");
            }

            size = UInt128.Min(size, ulong.MaxValue);
        }

        if (size % 8 != 0 || size / 8 != (ulong)(offsets[1] - offsets[0]))
        {
            var span = offsets[1] - offsets[0];
            throw Invalid(path, name, $"its shape ({string.Join(", ", shape)}) of {dtype.GetString()} has {size} bits, but its data_offsets span {span} bytes");
        }

        return new TensorEntry(name, dtype.GetString()!, shape, offsets[0], offsets[1]);
    }

    private static ImmutableArray<long> ParseIntegers(JsonElement value, string property, string name, string path)
    {
        if (!value.TryGetProperty(property, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw Invalid(path, name, $"it has no {property}");
        }

        if (list.GetArrayLength() is > MaxDimensions and var count)
        {
            throw Invalid(path, name, $"its {property} has {count} numbers, expected at most {MaxDimensions}");
        }

        var numbers = ImmutableArray.CreateBuilder<long>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
            {
                throw Invalid(path, name, $"expected non-negative integers as {property}, got {PrintableText.Line(item.GetRawText())}");
            }

            numbers.Add(number);
        }

        return numbers.ToImmutable();
    }

    /// <summary>Checks that the tensors cover all bytes after the header exactly once.</summary>
    private static void CheckContiguous(IEnumerable<TensorEntry> tensors, long dataSize, string path)
    {
        var at = 0L;
        foreach (var tensor in tensors.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (tensor.Begin != at)
            {
                var fault = tensor.Begin < at ? "overlaps the previous tensor" : "leaves a gap after the previous tensor";
                throw Invalid(path, tensor.Name, $"it begins at byte {tensor.Begin} and {fault}, which ends at {at}");
            }

            if (tensor.End > dataSize)
            {
                throw Invalid(path, tensor.Name, $"it ends at byte {tensor.End} of the data, but the file has only {dataSize} (incomplete download?)");
            }

            at = tensor.End;
        }

        if (at != dataSize)
        {
            throw Invalid(path, $"its tensors end at byte {at} of the data, but {dataSize - at} more follow");
        }
    }

    private static RefusalException Invalid(string path, string tensor, string fault) => Invalid(path, $"tensor '{PrintableText.Line(tensor)}': {fault}");

    private static RefusalException Invalid(string path, string fault, Exception? cause = null) =>
        cause is null
            ? new RefusalException($"{path} cannot be read as safetensors: {fault}.")
            : new RefusalException($"{path} cannot be read as safetensors: {fault}.", cause);
}
