using System.Text;
using SketchFlow.Data.Images;
using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Inspection;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Parameters of <c>transforms apply --params</c>: a line with the operation, then JSON.</summary>
public sealed class ParametersReader() : Reader("params-json", new JsonParts())
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "clahe\n{\"clip_limit\": 2, \"tile_grid\": [4, 4]}"u8.ToArray(),
        "erosion\n{\"kernel\": [3, 3]}"u8.ToArray(),
        "ShearX\n{\"magnitude\": 0.3}"u8.ToArray(),
        .. Transform.Known.Keys.Select(name => Encoding.UTF8.GetBytes($"{name}\n{{\"p\": 1}}")),
        .. FixedOperation.Known.Select(name => Encoding.UTF8.GetBytes($"{name}\n{{}}")),
    ];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        var text = Encoding.UTF8.GetString(input);
        var at = text.IndexOf('\n', StringComparison.Ordinal);
        using var parameters = FixedOperation.ReadParameters(at < 0 ? "" : text[(at + 1)..]);
        using var pixels = Pixels.From(new Sample(0, "a", "a", null), 24, 16, 3, new byte[24 * 16 * 3]);
        using var result = FixedOperation.Apply(at < 0 ? text : text[..at], parameters.RootElement, pixels, 1);
        return null;
    }
}
