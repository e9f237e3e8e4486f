using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Runs;
using TorchSharp;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>Resume files of a run.</summary>
public sealed class ResumeReader() : FileReader("resume-file", new LengthAndJsonParts(), "epoch-00001-image-000000000.safetensors")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Written(folder, "r.safetensors", path =>
    {
        LibTorch.Load();
        using var buffer = torch.arange(12, torch.ScalarType.Float32);
        ChecksummedTensors.Write(path, RunStateReader.State().ToJson(), [("parameters", buffer)]);
    })];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        string? refusal = null;
        return ResumeFiles.FindLatest(folder, line => refusal = line) is { } point ? point.State.ToString() is null ? "no state" : null : refusal ?? "";
    }
}
