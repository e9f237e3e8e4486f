using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.Safetensors;

namespace SketchFlow.Fuzz.Readers.Weights;

/// <summary>The index of a model in several safetensors files, of which two are there.</summary>
public sealed class SafetensorsIndexReader() : FileReader("safetensors-index", new JsonParts(), ShardIndex.FileName)
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """{"metadata": {"total_size": 34}, "weight_map": {"a.weight": "m-1.safetensors", "n": "m-1.safetensors", "h": "m-2.safetensors"}}"""u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "m-1.safetensors"), SafetensorsBytes.Compose(SafetensorsBytes.Header, 32));
        File.WriteAllBytes(
            Path.Combine(folder, "m-2.safetensors"), SafetensorsBytes.Compose("""{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}""", 2));
        using var file = WeightsFile.Open(path);
        SafetensorsReader.CopyTensors(file);
        return null;
    }
}
