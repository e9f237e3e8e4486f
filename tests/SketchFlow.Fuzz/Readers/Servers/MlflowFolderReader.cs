using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>The file <c>meta.yaml</c> of an experiment in a folder of MLflow.</summary>
public sealed class MlflowFolderReader() : Reader("mlflow-folder", new YamlParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["yaml/laughs.yaml", "yaml/cyc.yaml"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """
        artifact_location: file:///x
        creation_time: 1700000000000
        experiment_id: '5'
        last_update_time: 1700000000000
        lifecycle_stage: active
        name: few

        """u8.ToArray(),
    ];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        var root = Path.Combine(folder, "mlruns");
        Directory.CreateDirectory(Path.Combine(root, "5"));
        File.WriteAllBytes(Path.Combine(root, "5", "meta.yaml"), input);
        return TrackerRun.Track(folder, new MlflowFiles(root));
    }
}
