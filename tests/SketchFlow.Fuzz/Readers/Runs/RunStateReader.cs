using System.Collections.Immutable;
using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Runs;
using TorchSharp;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The state of a run in JSON, in a resume file whose checksum is right.</summary>
public sealed class RunStateReader() : Reader("run-state", new JsonParts())
{
    /// <summary>Creates a state.</summary>
    internal static RunState State() => new()
    {
        Layout = "abc",
        Rows = "def",
        Numbers = ImmutableSortedDictionary<string, double>.Empty.Add("steps", 3).Add("scale", double.NaN),
        Patience = new EarlyStoppingState(-0.5, 0, 1, 0.75),
        Metrics = [new EpochMetrics { Epoch = 1, ValidationLoss = 0.5 }],
        Timings = [new EpochTiming { Epoch = 1 }],
        RejectedTraining = [new SketchFlow.Data.Outcomes.Rejected(3, "a.png", "truncated JPEG")],
    };

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Encoding.UTF8.GetBytes(State().ToJson())];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        LibTorch.Load();
        using var buffer = torch.arange(12, torch.ScalarType.Float32);
        ChecksummedTensors.Write(Path.Combine(folder, "epoch-00001-image-000000000.safetensors"), Encoding.UTF8.GetString(input), [("parameters", buffer)]);
        string? refusal = null;
        return ResumeFiles.FindLatest(folder, line => refusal = line) is null ? refusal ?? "" : null;
    }
}
