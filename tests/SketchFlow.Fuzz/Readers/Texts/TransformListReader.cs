using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Lists of transforms with their options in JSON.</summary>
public sealed class TransformListReader() : Reader("transforms-json", new JsonParts())
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        .. Transform.Known.Keys.Chunk(12).Select(names => Encoding.UTF8.GetBytes(TransformJson.WriteList(names.Select(Transform.Default)))),
        "[\"horizontal-flip\", {\"rotate\": {\"limit\": 15, \"p\": 0.5}}]"u8.ToArray(),
    ];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        TransformJson.ReadList(Encoding.UTF8.GetString(input));
        return null;
    }
}
