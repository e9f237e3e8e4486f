using System.Text;

namespace SketchFlow.Fuzz.Readers.Weights;

/// <summary>Composes safetensors files.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Header of two tensors and metadata.</summary>
    public const string Header = """{"__metadata__":{"format":"pt","run":"x"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"""
        + """ "n":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""";

    /// <summary>Composes a file.</summary>
    public static byte[] Compose(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. Enumerable.Range(0, data).Select(i => (byte)(i % 60))];
    }
}
