using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Fuzz.Readers.Weights;

/// <summary>safetensors files.</summary>
public sealed class SafetensorsReader() : FileReader("safetensors", new LengthAndJsonParts(), "m.safetensors")
{
    private const string Kinds = """{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1,1],"data_offsets":[4,6]},"""
        + """ "e":{"dtype":"F64","shape":[0,4],"data_offsets":[6,6]}}  """;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["weights/st-*.*"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        SafetensorsBytes.Compose(SafetensorsBytes.Header, 32),
        SafetensorsBytes.Compose(Kinds, 6),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        using var file = WeightsFile.Open(path);
        CopyTensors(file);
        return null;
    }

    /// <summary>Copies some numbers of all small tensors.</summary>
    internal static void CopyTensors(TensorFile file)
    {
        foreach (var tensor in file.Tensors.Where(t => t.Count is > 0 and < 100_000).Take(20))
        {
            if (tensor.Dtype.StartsWith('I'))
            {
                file.CopyTo(tensor, 0, new long[tensor.Count]);
            }
            else
            {
                file.CopyTo(tensor, 0, new float[tensor.Count]);
            }
        }
    }
}
