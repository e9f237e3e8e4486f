using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>Reads the index that assigns the tensors of a model to several safetensors files.</summary>
internal static class ShardIndex
{
    /// <summary>Usual name of the index.</summary>
    public const string FileName = "model.safetensors.index.json";

    /// <summary>Reads an index as a map of tensor names to file names.</summary>
    /// <exception cref="RefusalException">The file is not a valid index.</exception>
    public static ImmutableDictionary<string, string> Read(string path)
    {
        JsonDocument document;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > SafetensorsHeader.MaxLength)
            {
                throw new RefusalException(
                    $"{path} cannot be read as an index of safetensors files: it has {file.Length} bytes, expected at most {SafetensorsHeader.MaxLength}.");
            }

            document = JsonDocument.Parse(file, SafetensorsHeader.StrictJson);
        }
        catch (InvalidOperationException e)
        {
            // The search for duplicate keys decodes them.
            throw new RefusalException($"{path} cannot be read as an index of safetensors files: its text is not valid Unicode.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RefusalException($"{path} cannot be read as an index of safetensors files: {PrintableText.Reason(e)}", e);
        }

        using (document)
        {
            try
            {
                return ReadMap(path, document.RootElement);
            }
            catch (InvalidOperationException e)
            {
                // System.Text.Json detects lone surrogates and invalid UTF-8 only when a string is retrieved.
                throw new RefusalException($"{path} cannot be read as an index of safetensors files: its text is not valid Unicode.", e);
            }
        }
    }

    private static ImmutableDictionary<string, string> ReadMap(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("weight_map", out var map)
            || map.ValueKind != JsonValueKind.Object
            || map.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw new RefusalException(
                $"{path} is not an index of safetensors files: expected an object with a weight_map of tensor names to file names.");
        }

        var files = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            var (name, file) = (property.Name, property.Value.GetString()!);
            if (file.Length == 0 || !string.Equals(Path.GetFileName(file), file, StringComparison.Ordinal)
                || file is "." or ".." || file.Contains('\0', StringComparison.Ordinal))
            {
                throw new RefusalException($"{path} assigns '{name}' to '{file}'; expected the name of a file in the same folder.");
            }

            files.Add(name, file);
        }

        return files.ToImmutable();
    }
}
