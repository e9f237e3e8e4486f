using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

public static partial class SafetensorsFormat
{
    /// <summary>The usual name of the index beside the shards.</summary>
    public const string IndexName = "model.safetensors.index.json";

    /// <summary>
    /// Opens the index of a model in several files: <c>{"metadata": {"total_size": …}, "weight_map": {tensor: file}}</c>, as Hugging
    /// Face's libraries write it. Every shard must lie beside the index and hold exactly the tensors that the index gives it.
    /// </summary>
    /// <exception cref="RefusalException">The index or a shard cannot be read, or they do not agree; the message names file and tensor.</exception>
    public static ShardedSafetensorsFile OpenSharded(string index) => new(index);

    /// <summary>Reads an index: tensor names to file names.</summary>
    internal static ImmutableDictionary<string, string> ReadIndex(string index)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(File.ReadAllBytes(index), Strict);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RefusalException($"{index} cannot be read as an index of safetensors files: {e.Message}", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object
                || map.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
            {
                throw new RefusalException($"{index} is not an index of safetensors files: an object with a weight_map of tensor names to file names is expected.");
            }

            var files = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            try
            {
                foreach (var property in map.EnumerateObject())
                {
                    var (name, file) = (property.Name, property.Value.GetString()!);
                    if (file.Length == 0 || !string.Equals(Path.GetFileName(file), file, StringComparison.Ordinal) || file is "." or ".." || file.Contains('\0', StringComparison.Ordinal))
                    {
                        throw new RefusalException($"{index} puts '{name}' into '{file}', which is not the name of a file beside it.");
                    }

                    files.Add(name, file);
                }
            }
            catch (InvalidOperationException e)
            {
                // System.Text.Json finds half a surrogate pair or bad UTF-8 only when the string is taken out.
                throw new RefusalException($"{index} cannot be read as an index of safetensors files: it holds text that is not Unicode.", e);
            }

            return files.ToImmutable();
        }
    }
}
