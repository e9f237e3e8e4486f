using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Experiments.Studies;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Study files.</summary>
public sealed class StudyReader() : FileReader("study", new YamlParts(), "s.yaml")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["yaml/laughs.yaml", "yaml/cyc.yaml"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
        ["model: resnet18\nbase: { epochs: 3 }\nchanges:\n  no mixing: { mixing: { mixup: 0 } }\n  adamw: { optimizer.kind: adamw }\n"u8.ToArray()];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        StudyChanges.Read(path);
        return null;
    }
}
