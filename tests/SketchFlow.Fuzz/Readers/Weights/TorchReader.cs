using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Learning.Weights.Torch;

namespace SketchFlow.Fuzz.Readers.Weights;

/// <summary>PyTorch checkpoints: pickles in zip archives.</summary>
public sealed class TorchReader() : FileReader("pth", new ZipParts(new PickleParts()), "m.pth")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["weights/pth-*.gz"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var plain = new TorchWriter().Dictionary(ordered: true);
        plain.Tensor("a.weight", 1, 2, 3).Tensor("b", 4).Close();
        var nested = new TorchWriter { Zip64 = true }.Dictionary().Text("epoch").Number(70_000).Text("state_dict").Dictionary(ordered: true);
        var storage = nested.Storage<float>(1, 2, 3, 4, 5, 6);
        nested.Text("w").Tensor(storage, "Float", 6, 0, [2, 3], [3, 1]).Text("t").Tensor(storage, "Float", 6, 0, [3, 2], [1, 3]).Close().Close();
        return [plain.Bytes(), nested.Bytes()];
    }

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        using var file = WeightsFile.Open(path);
        SafetensorsReader.CopyTensors(file);
        return null;
    }
}
