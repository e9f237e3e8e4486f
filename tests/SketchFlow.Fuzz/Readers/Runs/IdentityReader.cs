using SketchFlow.Fuzz.Formats;
using SketchFlow.Fuzz.Readers.Weights;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The identity of a run in the header of its weights.</summary>
public sealed class IdentityReader() : FileReader("run-identity", new LengthAndJsonParts(), "best.safetensors")
{
    private const string Header = """{"__metadata__":{"format":"pt","class_names":"[\"cat\",\"dog\"]","preprocessing":"x","dataset":"d","""
        + """ "temperature":"1.25","estimated_by":"a","estimated_val_accuracy":"0.5"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""";

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [SafetensorsBytes.Compose(Header, 8)];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        RunIdentity.ReadFile(path);
        return null;
    }
}
